"""The clinic's verbs before a review: screening a request, finding a specialist, and the offers between them."""
