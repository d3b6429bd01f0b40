"""The pages that the product is measured beside: each a small server as a user of its library would write it well."""
