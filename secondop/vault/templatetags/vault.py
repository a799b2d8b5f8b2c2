"""Template tags about the vault."""

from django import template

from secondop.vault.inspecting import newest

register = template.Library()
register.simple_tag(newest, name="last_round")
