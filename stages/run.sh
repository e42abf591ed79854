# Runs a stage, as `python -m stages.NAME` does, with the first Python that has the project's packages: that of the
# activated environment, else of .venv here or, for DVC's experiments in folders of their own, in a folder above.
# DVC calls it from the repository's root: sh stages/run.sh NAME
ready() { "$1" -c 'import sys; from importlib.util import find_spec as f; sys.exit(not (f("keras") and f("pydantic")))' 2>/dev/null; }

ready python && exec python -m "stages.$1"
folder=$PWD
while [ -n "$folder" ]; do
    ready "$folder/.venv/bin/python" && PATH="$folder/.venv/bin:$PATH" exec "$folder/.venv/bin/python" -m "stages.$1"
    folder=${folder%/*}
done
echo "$1: expected the packages of requirements.txt in the active Python ($(command -v python || echo none)) or in .venv," \
    "found them in neither; run \`make .venv/run\`, or activate the environment that has them" >&2
exit 1
