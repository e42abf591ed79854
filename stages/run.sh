# Runs a stage, `python -m stages NAME`, with the first Python that has the project's packages: that of the
# activated environment, else of .venv here or, for DVC's experiments in folders of their own, in a folder above.
# DVC calls it from the repository's root: sh stages/run.sh NAME
ready() {
    [ -x "$1" ] || return 1
    [ -d "${1%/*}"/../lib/python3*/site-packages/keras ] 2>/dev/null || # else it lies elsewhere: Python knows
        "$1" -c 'import sys; from importlib.util import find_spec as f; sys.exit(not (f("keras") and f("pydantic")))' 2>/dev/null
}

python=$(command -v python)
ready "$python" && exec "$python" -m stages "$1"
folder=$PWD
while [ -n "$folder" ]; do
    ready "$folder/.venv/bin/python" && PATH="$folder/.venv/bin:$PATH" exec "$folder/.venv/bin/python" -m stages "$1"
    folder=${folder%/*}
done
echo "$1: expected the packages of requirements.txt in the active Python (${python:-none}) or in .venv," \
    "found them in neither; run \`make .venv/run\`, or activate the environment that has them" >&2
exit 1
