"""What a rule file says about its children, read from its TOML alone, and not by what is under test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli

if TYPE_CHECKING:
    from pathlib import Path


class Sayings:
    """The children and tasks of a file, with what groups and the top of it say for them."""

    def __init__(self, file: Path) -> None:
        self.file = tomli.loads(file.read_text())
        self.children: dict[str, dict[str, Any]] = self.file.get("child", {})
        self.tasks: dict[str, dict[str, Any]] = self.file.get("task", {})
        self.members = {**self.children, **self.tasks}

    def commands(self) -> list[list[str]]:
        """Return every command that the file names: of children, tasks, probes and actions."""
        found: list[list[str]] = []

        def look(value: object) -> None:
            if isinstance(value, dict):
                for key, each in value.items():
                    if key in {"command", "run"}:
                        found.append(each)
                    else:
                        look(each)

        look(self.file)
        return found

    def value(self, name: str, key: str, default: Any = None) -> Any:
        """Return what applies: the member's own, then its group's, then the top's."""
        for place in self._places(name):
            if key in place:
                return place[key]
        return default

    def _places(self, name: str) -> list[dict[str, Any]]:
        groups = words(self.members[name].get("groups", []))
        top = {} if name in self.tasks else self.file
        return [self.members[name], *(self.file["group"][group] for group in groups), top]

    def stop(self, name: str) -> dict[str, Any]:
        """Return the child's action for a stop as a table; empty where the file leaves it to the default."""
        for place in self._places(name):
            action = place.get("on", {}).get("stop")
            if action is not None:
                return action if isinstance(action, dict) else {"send": action}
        return {"send": LIKE[self.members[name]["like"]]} if "like" in self.members[name] else {}

    def first(self, name: str) -> str:
        """Return the first signal that a stop sends it."""
        steps: list[str] = self.stop(name).get("send", "TERM").split()
        return next(step for step in steps if step.isalnum() and not step[0].isdigit())

    def needs(self, name: str) -> set[str]:
        """Return what it needs itself."""
        found: set[str] = set()
        for each in words(self.value(name, "needs", [])):
            found |= self.named(each) - {name}
        return found

    def named(self, word: str) -> set[str]:
        """Return whom a name or ``@group`` means."""
        if not word.startswith("@"):
            return {word}
        return {name for name, each in self.members.items() if word[1:] in words(each.get("groups", []))}

    def below(self, name: str) -> set[str]:
        """Return the children that it needs, itself or through others."""
        found: set[str] = set()
        left = [name]
        while left:
            for each in self.needs(left.pop()) - found:
                found.add(each)
                left.append(each)
        return found & set(self.children)

    def after(self, name: str) -> set[str]:
        """Return the children that have to end before its stop begins."""
        others: set[str] = set(self.children) - {name}
        written = self.stop(name).get("after")
        if written == "all":
            return others
        if written is not None:
            return {each for word in words(written) for each in self.named(word)}
        return {other for other in others if name in self.below(other) and "after" not in self.stop(other)}

    def comes_back(self, name: str, code: int) -> bool:
        """Tell whether it is restarted after an exit with this code."""
        restart = self.value(name, "restart", "never")
        if isinstance(restart, str):
            return {"never": False, "always": True, "on-failure": code != 0}[restart]
        return code not in restart.get("unless", [0])

    def first_wait(self, name: str) -> str:
        """Return how long its first restart waits."""
        restart = self.value(name, "restart", "never")
        return str(restart.get("wait", "0s")).split()[0] if isinstance(restart, dict) else "0s"

    def ends_all(self, name: str) -> bool:
        """Tell whether its exit ends the container."""
        when = self.file.get("exit", {}).get("when", "any")
        return when == "any" or (when != "all" and name in {each for word in words(when) for each in self.named(word)})

    def mapped(self, code: int) -> int:
        """Return the container's code for a code of a child."""
        table = self.file.get("exit", {}).get("map", {})
        return int(table.get(str(code), table.get("any", code)))


#: The first signal of the bundled rules' stop.
LIKE = {"nginx": "QUIT", "php-fpm": "QUIT", "postgres": "INT", "haproxy": "USR1"}


def words(value: str | list[str]) -> list[str]:
    """Return a list, where one word may stand for it."""
    return [value] if isinstance(value, str) else value
