"""Tables from elsewhere: read with care, taken in as one act that one undo takes back."""
