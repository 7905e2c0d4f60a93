# SPDX-License-Identifier: Apache-2.0
"""Configures a host build: merges configuration files the way Zephyr does and writes .config and
autoconf.h, or describes the LwM2M symbols as a table. Driven by `cargo xtask`.

Stricter than Zephyr in one point: an assignment that took no effect is an error here, not a warning.
"""

import argparse
import os
import re
import sys

import kconfiglib
from kconfiglib import AND, BOOL, OR, TYPE_TO_STR, Choice, Kconfig, expr_str, split_expr

HERE = os.path.dirname(os.path.abspath(__file__))
NUMERIC = {kconfiglib.INT: 10, kconfiglib.HEX: 16}


def main():
    arguments = parse_arguments()
    # What `source` paths are relative to.
    os.environ["srctree"] = HERE
    kconf = Kconfig(arguments.kconfig, warn_to_stderr=False, suppress_traceback=True)
    fail_if(kconf.warnings)

    if arguments.describe:
        describe(kconf)
        return
    configure(kconf, arguments.configurations)
    # Written only if different, so that nothing is rebuilt without need.
    kconf.write_config(arguments.config_out, header="", save_old=False)
    kconf.write_autoconf(arguments.header_out, header="")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--kconfig", default="Kconfig.host", help="the first file of the tree")
    parser.add_argument("--describe", action="store_true", help="print the table of LwM2M symbols")
    parser.add_argument("--config-out", help="the .config to write")
    parser.add_argument("--header-out", help="the autoconf.h to write")
    parser.add_argument("configurations", nargs="*", help="prj.conf and overlays; later ones win")
    return parser.parse_args()


def configure(kconf, configurations):
    """Loads `configurations` in order and ends the program if any assignment is not honoured."""
    kconf.warn_assign_undef = True
    # A later file may override an earlier one.
    kconf.warn_assign_override = False
    kconf.warn_assign_redun = False
    for configuration in configurations:
        if not os.path.isfile(configuration):
            fail_if(["{}: no such file".format(configuration)])
        kconf.load_config(configuration, replace=False)

    problems = [problem for symbol in kconf.unique_defined_syms for problem in unmet(symbol)]
    for choice in kconf.unique_choices:
        wanted = choice.user_selection
        if wanted and wanted is not choice.selection:
            problems.append("{}: set, but {} is chosen{}".format(
                assigned(wanted), choice.selection.name if choice.selection else "nothing",
                because(wanted)))
    # Some warnings only appear when the values are worked out.
    for symbol in kconf.unique_defined_syms:
        symbol.str_value  # pylint: disable=pointless-statement
    # Kconfiglib's own words on ranges repeat what `unmet` says with its place.
    problems += [w for w in kconf.warnings if "was assigned the value" not in w
                 and "user value" not in w]
    fail_if(problems)


def unmet(symbol):
    """What became of an assignment to `symbol`, if not what it asked for."""
    if symbol.user_value is None or symbol.choice:
        return
    if not any(node.prompt for node in symbol.nodes):
        yield "{}: follows from other symbols and cannot be set".format(assigned(symbol))
        return
    wanted = symbol.user_value
    if symbol.orig_type == BOOL:
        wanted = kconfiglib.TRI_TO_STR[wanted]
    if not same(symbol, wanted, symbol.str_value):
        yield "{}: set to '{}' but became '{}'{}{}".format(
            assigned(symbol), wanted, symbol.str_value, outside(symbol, wanted), because(symbol))


def same(symbol, wanted, got):
    """Whether two spellings are one value of `symbol`."""
    base = NUMERIC.get(symbol.orig_type)
    if base is None or not got:
        return wanted == got
    return int(wanted, base) == int(got, base)


def outside(symbol, wanted):
    """Names the range that `wanted` is not in."""
    base = NUMERIC.get(symbol.orig_type)
    if base is None:
        return ""
    for low, high, condition in symbol.ranges:
        if kconfiglib.expr_value(condition):
            if not int(low.str_value, base) <= int(wanted, base) <= int(high.str_value, base):
                return "; its range is {} to {}".format(low.str_value, high.str_value)
            return ""
    return ""


def because(symbol):
    """Names the dependencies of `symbol` that are not met."""
    missing = [expr_str(part) for part in split_expr(symbol.direct_dep, AND)
               if not isinstance(part, Choice) and kconfiglib.expr_value(part) == 0]
    return "; it depends on " + " and ".join(missing) if missing else ""


def assigned(symbol):
    """`symbol` as a configuration file spells it."""
    return "CONFIG_" + symbol.name


def fail_if(problems):
    """Ends the program with `problems`, unless there are none."""
    if problems:
        sys.exit("\n".join("error: " + problem.replace("warning: ", "") for problem in problems))


def describe(kconf):
    """Prints one line a symbol; rust/config/symbols.tsv says what the columns are."""
    symbols = [s for s in kconf.unique_defined_syms if re.match("LWM2M(_|$)", s.name)]
    for symbol in sorted(symbols, key=lambda symbol: symbol.name):
        print("\t".join([
            symbol.name,
            TYPE_TO_STR[symbol.orig_type],
            "; ".join(defaults(symbol)) or "-",
            "; ".join("{}..{}".format(r[0].name, r[1].name) for r in symbol.ranges) or "-",
            " && ".join(dependencies(symbol)) or "-",
            visibility(symbol),
            ", ".join(reverse(symbol)) or "-",
            choice_default(symbol),
        ]))


def defaults(item):
    """The `default` lines of a symbol or choice, without what it depends on."""
    for node in item.nodes:
        for value, condition, *_ in node.orig_defaults:
            # Kconfiglib drops the quotes of "y" and "n", which are strings here.
            quoted = item.orig_type == kconfiglib.STRING
            text = '"{}"'.format(value.name) if quoted else expr_str(value)
            yield text if condition is node.kconfig.y else "{} if {}".format(text, expr_str(condition))


def dependencies(symbol):
    """The terms of what `symbol` depends on, sorted; NETWORKING goes without saying."""
    terms = set()
    for item in [symbol] + ([symbol.choice] if symbol.choice else []):
        for term in split_expr(item.direct_dep, AND):
            if not isinstance(term, Choice):
                # A symbol defined in two places depends on either's terms, here the same ones.
                either = list(dict.fromkeys(expr_str(part) for part in split_expr(term, OR)))
                terms.add(either[0] if len(either) == 1 else "({})".format(" || ".join(either)))
    return sorted(terms - {"NETWORKING", "y"})


def visibility(symbol):
    """`never` without a prompt, the prompt's own condition, or `-`."""
    prompts = [node.orig_prompt for node in symbol.nodes if node.orig_prompt]
    if not prompts:
        return "never"
    condition = expr_str(prompts[0][1])
    return "-" if condition == "y" else condition


def reverse(symbol):
    """What `symbol` selects and implies."""
    for node in symbol.nodes:
        for other, _ in node.orig_selects:
            yield "select " + other.name
        for other, _ in node.orig_implies:
            yield "imply " + other.name


def choice_default(symbol):
    """The default of the choice that `symbol` is a member of; its first member if none is said."""
    if not symbol.choice:
        return "-"
    return "; ".join(defaults(symbol.choice)) or symbol.choice.syms[0].name


if __name__ == "__main__":
    main()
