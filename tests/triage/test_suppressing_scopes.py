"""Which lines a comment speaks of, in each language."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.triage.suppressing_comments import MAX_SUPPRESSIONS, Language, read_suppressions
from scanner.triage.suppressing_scopes import NOTHING

WORDS = 'hullcheck: ignore[a] reason="x"'


def scopes(text: str, language: Language = Language.YAML) -> list[tuple[int, int]]:
    """The lines that each suppression of a text covers; `@` stands for one."""
    text = textwrap.dedent(text).lstrip("\n").replace("@", WORDS)
    return [tuple(one.scope[:2]) for one in read_suppressions("f", text, language).written]


def test_a_comment_speaks_of_the_key_that_it_precedes_with_all_below_it():
    assert scopes(
        """
        services:
          # @
          web:
            image: nginx
            ports:
              - "80:80"

          db:
            image: postgres
        """
    ) == [(3, 6)]


def test_a_comment_at_the_end_of_a_line_speaks_of_the_key_of_that_line():
    assert scopes(
        """
        services:
          web: # @
            image: nginx # @
            privileged: true
          db: {}
        """
    ) == [(2, 4), (3, 3)]


def test_a_list_item_is_covered_whole_from_before_and_from_its_first_line():
    text = """
        containers:
        # @
        - name: a
          image: nginx
        - name: b # @
          image: nginx
        """
    assert scopes(text) == [(3, 4), (5, 6)]


def test_a_comment_before_a_document_speaks_of_all_of_it():
    text = """
        # @
        ---
        # other words
        a: 1
        b: 2
        ---
        # @

        a: 1
        b:
          - 1
        ---
        c: 1 # @
        """
    assert scopes(text) == [(4, 5), (9, 11), (13, 13)]


def test_a_comment_in_a_flow_collection_speaks_of_the_next_item():
    text = """
        drop: [
          ALL,
          # @
          NET_RAW,
          {a: 1,
           b: 2}, # @
          SYS
        ]
        """
    assert scopes(text) == [(4, 4), (6, 6)]


def test_text_that_looks_like_a_comment_is_none():
    text = """
        script: |
          # hullcheck: ignore[a] reason=x
          rm -rf /
        quoted: "a # hullcheck: ignore[a] reason=x"
        folded: "a
          # hullcheck: ignore[a] reason=x
          b"
        block: |
          a
        # hullcheck: ignore[a] reason=x
        b: 2
        """
    assert scopes(text) == [(11, 11)]


def test_multi_line_values_belong_to_their_key():
    text = """
        # @
        first: 0
        a:
          # @
          b: |
            one

            two
          c: >-
            one
        # @
        d: one
          two
        """
    assert scopes(text)[1:] == [(5, 8), (12, 13)]


def test_what_an_alias_names_is_no_part_of_the_key():
    text = """
        x: &a
          b: 1
        y:
          # @
          z: *a
          w: 2
        """
    assert scopes(text) == [(5, 5)]


def test_a_comment_behind_everything_covers_nothing():
    assert scopes("a: 1\n# @\n") == [tuple(NOTHING[:2])]


def test_ignore_file_covers_the_file_from_its_first_lines_alone():
    top = '# a licence\n\n# hullcheck: ignore-file[a] reason="x"\n---\na: 1\n'
    (written,) = read_suppressions("f", top, Language.YAML).written
    assert written.scope.first == 1
    assert written.scope.last >= 5
    (late,) = read_suppressions("f", "a: 1\n" + top, Language.YAML).written
    assert late.words.problem == "ignore-file stands in the first lines of a file alone"


def test_the_place_is_that_of_the_words():
    (written,) = read_suppressions("f", f"a: 1 ## {WORDS}  \n", Language.YAML).written
    assert written.place.span == (1, 9, 1, 9 + len(WORDS))


def test_a_comment_before_from_speaks_of_the_stage():
    text = """
        ARG X=1
        # @
        FROM a AS one
        RUN b
        # @
        USER root
        FROM c
        # @
        # words

        RUN d && \\
          e
        """
    assert scopes(text, Language.DOCKERFILE) == [(3, 6), (6, 6), (11, 12)]


def test_a_comment_between_continued_lines_speaks_of_the_command():
    text = """
        FROM a
        RUN apt-get update && \\
            # @
            apt-get install -y \\
              curl && \\
            rm -rf /var/lib/apt/lists/*
        RUN pip install a \\
            # @
            b
        """
    assert scopes(text, Language.DOCKERFILE) == [(3, 5), (7, 9)]


def test_a_comment_between_variables_speaks_of_the_next_line():
    text = """
        FROM a
        ENV A=1 \\
            # @
            B=2 \\
            C=3
        """
    assert scopes(text, Language.DOCKERFILE) == [(4, 4)]


def test_what_follows_a_hash_is_a_comment_in_a_shell_alone():
    text = """
        FROM a
        RUN b && \\
            c # @
        USER root # @
        RUN echo '# @' && echo "# @"
        RUN ["a", "# @"]
        RUN <<EOF
        # @
        d
        e # @
        f
        EOF
        """
    assert scopes(text, Language.DOCKERFILE) == [(2, 3), (8, 9), (10, 10)]


TEMPLATE = """
    {{- /* @ */ -}}
    {{- if .Values.a }}
    kind: Deployment
    spec:
      {{- /*
      @
      */}}
      {{- with .Values.x }}
      containers:
      - name: a
        {{- if .Values.p }}
        privileged: true # @
        {{- end }}
      # @
      - name: b
        image: {{ .Values.image }} {{/* @ */}}
      {{- end }}
      other: 1
    ---
    # @
    kind: Service
    spec:
      a: 1
    {{- end }}
    """


def test_a_template_is_read_by_its_indentation():
    found = sorted(scopes(TEMPLATE, Language.TEMPLATE))
    assert found == [(3, 18), (9, 16), (12, 12), (15, 16), (16, 16), (21, 23)]


def test_what_a_condition_of_a_template_leaves_out_says_nothing_of_a_suppression():
    assert not read_suppressions("f", TEMPLATE, Language.TEMPLATE).is_sure
    assert read_suppressions("f", f"a: {{{{ .b }}}} # {WORDS}", Language.TEMPLATE).is_sure


def test_another_file_is_covered_line_by_line():
    assert scopes("# @\n\n# words\nA=1 # @\nB=2\n// @\nC=3\n", Language.OTHER) == [(4, 4), (4, 4), (7, 7)]


def test_more_suppressions_than_anybody_means_are_told():
    text = f"a: 1 # {WORDS}\n" * (MAX_SUPPRESSIONS + 5)
    written = read_suppressions("f", text, Language.OTHER).written
    assert len(written) == MAX_SUPPRESSIONS
    assert "the rest is not read" in (written[-1].words.problem or "")


PIECES = st.sampled_from(
    [
        f"# {WORDS}",
        f"a: 1 # {WORDS}",
        f"{{{{/* {WORDS} */}}}}",
        "- b:",
        "  c: [1,",
        "]",
        "---",
        "x: |",
        "  - &k {d: *k}",
        "RUN a && \\",
        "FROM b",
        "RUN <<E",
        "E",
        "{{ if x }}",
        "/*",
        "*/",
        "'",
        "\x85",
        "",
    ]
)


@pytest.mark.parametrize("language", list(Language))
@given(lines=st.lists(PIECES, max_size=20))
def test_scopes_lie_in_their_file_whatever_it_holds(language, lines):
    text = "\n".join(lines)
    for written in read_suppressions("f", text, language).written:
        scope = written.scope
        assert scope == NOTHING or 1 <= scope.first <= scope.last <= len(lines) + text.count("\x85") + 1
        assert 1 <= written.place.span.line <= len(lines)
