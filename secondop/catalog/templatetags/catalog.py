"""Template tags about the catalog."""

from django import template

from secondop.catalog.checks import sample_rules

register = template.Library()
register.simple_tag(sample_rules)
