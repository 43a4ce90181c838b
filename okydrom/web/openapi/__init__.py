"""The description of the API for machines (OpenAPI 3.1): assembled from the table of calls and the types here."""
