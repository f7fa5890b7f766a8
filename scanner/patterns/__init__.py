"""Patterns that others wrote (rules, parameters, configurations, scanned files), in linear time.

`re` goes back and forth over a text, and a pattern can make it do so for ever. So it never sees a
foreign pattern: these are parsed here (`syntax`), become an automaton over sets of characters
(`automaton`) and are run character by character (`matching`). `globs` and `gitignore` bring the
languages of wildcards to the same automaton.
"""
