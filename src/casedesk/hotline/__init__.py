"""The hotline: calls, letters, online requests and visits."""
