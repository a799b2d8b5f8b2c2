"""Components declare their parameters; every call in every template keeps to what they declare (read from Django's own node trees)."""

import inspect
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.template import Template, engines
from django.template.base import FilterExpression, Node
from django.template.library import SimpleBlockNode, SimpleNode
from django.template.loader_tags import IncludeNode

from secondop.pages.parts import Component, components, read

ENGINE = engines["django"].engine
FOLDER = "components/"
COMPONENTS = {component.name: component for component in components()}


class Call(NamedTuple):
    """A component drawn by a template, with the names of what it is given; an include sees the page's variables besides."""

    component: str
    given: set[str]
    is_include: bool


def calls_of(template: Template | SimpleBlockNode) -> Iterator[Call]:
    """Every component that ``template`` draws, by tag or by include."""
    for node in template.nodelist.get_nodes_by_type((SimpleNode, IncludeNode)):
        if isinstance(node, IncludeNode):
            path = node.template.var
            if isinstance(path, str) and path.startswith(FOLDER):
                yield Call(path.removeprefix(FOLDER).removesuffix(".html"), set(node.extra_context), True)
        elif inspect.unwrap(node.func).__module__ == "secondop.web.templatetags.ui" and node.func.__name__ in ("part", "component"):
            slot = {"slot"} if isinstance(node, SimpleBlockNode) else set()
            yield Call(constant(node.args[0]), set(node.kwargs) | slot, False)
        if isinstance(node, SimpleBlockNode):
            yield from calls_of(node)


def constant(expression: FilterExpression | Node) -> str:
    """The text of a literal argument."""
    value = expression.var
    assert isinstance(value, str), f"{expression} is not literal: nobody can tell which component this is"
    return value


def faults(calls: list[Call]) -> list[str]:
    """What calls give that is not declared, and what they leave out although it is wanted."""
    found = []
    for call in calls:
        component = COMPONENTS.get(call.component)
        if component is None:
            found.append(f"there is no component {call.component}")
            continue
        found += [f"{component.name} does not declare {name}" for name in sorted(call.given - component.declared())]
        if not call.is_include:
            found += [f"{component.name} is drawn without {name}" for name in sorted(component.wanted() - call.given)]
    return found


def templates() -> dict[str, Template]:
    """Every HTML template of the project, compiled."""
    root = settings.ROOT / "templates"
    return {name: ENGINE.get_template(name) for path in root.rglob("*.html") if (name := str(path.relative_to(root)))}


def test_the_check_sees_what_it_forbids():
    source = '{% load ui %}{% if x %}{% component "card" colour=1 %}{% part "tag" %}{% endcomponent %}{% endif %}{% part "nothing" %}'
    assert faults(list(calls_of(ENGINE.from_string(source)))) == [
        "card does not declare colour",
        "tag is drawn without label",
        "there is no component nothing",
    ]
    inline = ENGINE.from_string('{% include "components/mark.html" with size=2 %}')
    assert faults(list(calls_of(inline))) == ["mark does not declare size"]


def test_every_call_keeps_to_what_its_component_declares():
    found = {name: wrong for name, template in templates().items() if (wrong := faults(list(calls_of(template))))}
    assert found == {}


def test_every_component_is_drawn_by_a_page():
    drawn = {call.component for name, template in templates().items() for call in calls_of(template)}
    by_the_renderer = {"field", "fields"}
    assert set(COMPONENTS) - drawn - by_the_renderer == set()


@pytest.mark.parametrize("component", COMPONENTS.values(), ids=COMPONENTS)
def test_a_component_uses_all_that_it_declares(component: Component):
    unused = [each.name for each in component.parameters if not re.search(rf"\b{each.name}\b", component.body)]
    assert unused == []


@pytest.mark.parametrize(
    "source",
    [
        "<p></p>",
        "{# label #}\n<p></p>",
        "{% comment %}\nA box.\n- label\n{% endcomment %}\n",
        "{% comment %}\nA box.\nlabel: x\n{% endcomment %}\n",
    ],
)
def test_a_component_that_declares_itself_otherwise_is_refused(source):
    with pytest.raises(ValueError, match=r"box\.html"):
        read("box", source)
