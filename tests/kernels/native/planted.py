"""Plant faults in a copy of the kernels, one at a time: the fuzz must fail for each of them (`make planted`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE.parents[2] / "src" / "seqclf" / "kernels" / "cpp"
COMPILER = os.environ.get("CXX", "c++")
COMMON = ["-std=c++17", "-O1", "-pthread", "-ffp-contract=fast", "-DSEQCLF_ISA=portable"]
FUZZ = ["--cases", "300", "--rounds", "4"]
PLAIN, MEMORY, THREADS = "", "address,undefined", "thread"


@dataclass(frozen=True)
class Fault:
    """An edit of the one place where the sources read `old`, and the sanitizers that run while the fuzz looks for it."""

    name: str
    old: str
    new: str
    sanitizers: str = PLAIN


FAULTS = [
    Fault("reads a register past the end of a row", "if (count >= kLanes) return load(from);", "return load(from);"),
    Fault("writes a register past the end of a row", "if (count >= kLanes) store(to, value);", "if (count > 0) store(to, value);"),
    Fault("sums past the last input", "end = k + kSumBlock < ", "end = true || k + kSumBlock < "),
    Fault("reads one row too many of the weights", "unit >= from.hidden", "unit > from.hidden"),
    Fault("leaves the zeros of the first step unset", "std::memset(zeros, 0, sizeof(float) * sizes.hidden);", "", MEMORY),
    Fault("leaves the sums of a shard unset", "std::memset(work.sums, 0, sizeof(float) * weights.shard_floats);", "", MEMORY),
    Fault("forgets that the reverse direction runs backwards", "direction == 0 ? step - 1 : step + 1", "step - 1"),
    Fault("keeps a row for one step after its end", "length(guess - 1) <= t", "length(guess - 1) < t"),
    Fault("skips tiles after the first of each shard", "tile < tiling.tiles; tile += shards", "tile < shards; tile += shards"),
    Fault("fills a chunk past its slots, forward", "chunk.slots + active <= kChunkSteps", "chunk.slots + active <= kChunkSteps + 8", MEMORY),
    Fault("fills a chunk past its slots, backward", "chunk.slots + active > kChunkSteps", "chunk.slots + active > kChunkSteps + 8", MEMORY),
    Fault("adds past the last gradient of values", "least(first + kAdded, layer.n_steps * sizes.input)", "first + kAdded"),
    Fault("writes padding units of weight gradients", "u < units; ++u", "u < kAlignment; ++u"),
    Fault("writes padding inputs of gradients of values", "tail[s], sizeof(float) * (sizes.input - whole)", "tail[s], sizeof(float) * kPanelWidth"),
    Fault("mixes up the directions of states between batches", "sequence(row) * layer.directions + direction", "sequence(row) + direction"),
    Fault("skips the last rows of a linear map", "(call.n_rows + kLinearRows - 1) / kLinearRows", "call.n_rows / kLinearRows"),
    Fault("drops the forget gate of a gradient", "store(s.memory_carry + j, grad_memory * forget)", "store(s.memory_carry + j, grad_memory)"),
    Fault("reports success without memory", "if (failed) return false;", ""),
    Fault(
        "counts tasks without synchronisation",
        "std::atomic<int64_t> next{0};",
        "struct { int64_t at = 0; int64_t fetch_add(int64_t n) { return (at += n) - n; } } next;",
        THREADS,
    ),
    Fault("returns before the last task has ended", "done_.wait(lock, [this] { return busy_ == 0; });", "", THREADS),
    Fault("begins a step before all parts of the last one are done", "helped_.load(std::memory_order_acquire) < n_parts - own", "false", THREADS),
    Fault("adds to a gradient that is not complete", "!forward_done[which].load(std::memory_order_acquire)", "false", THREADS),
    Fault("shares scratch memory among threads", "thread_local Buffer buffers[2];", "static Buffer buffers[2];", THREADS),
]  # fmt: skip


def sanitize(sanitizers: str) -> list[str]:
    """Return the options of the compiler."""
    return [f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"] if sanitizers else []


def compile_all(sources: list[Path], include: Path, objects: Path, sanitizers: str) -> list[str]:
    """Compile each source file; return the object files."""
    objects.mkdir(exist_ok=True)
    for source in sources:
        flags = ["-O3"] if source.stem == "reference" else sanitize(sanitizers)
        command = [
            COMPILER,
            *COMMON,
            *flags,
            f"-I{include}",
            "-c",
            str(source),
            "-o",
            str(objects / f"{source.stem}.o"),
        ]
        subprocess.run(command, check=True)
    return [str(objects / f"{source.stem}.o") for source in sources]


def fuzz_fails(fault: Fault | None, sanitizers: str, folder: Path) -> bool:
    """Build the fuzz with a fault, or without one, and return whether it fails."""
    tests = folder / f"tests-{sanitizers}"
    if not tests.exists():
        compile_all(sorted(HERE.glob("*.cpp")), SOURCES, tests, sanitizers)
    copy = folder / "cpp"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(SOURCES, copy)
    if fault is not None:
        plant(fault, copy)
    objects = compile_all(sorted(copy.glob("*.cpp")), copy, folder / "objects", sanitizers)
    program = str(folder / "fuzz")
    objects += [str(path) for path in tests.glob("*.o")]
    link = [*sanitize(sanitizers), "-pthread", "-Wl,--wrap=aligned_alloc", *objects, "-ldl", "-o", program]
    subprocess.run([COMPILER, *link], check=True)
    return subprocess.run([program, *FUZZ], capture_output=True, timeout=3600).returncode != 0


def plant(fault: Fault, copy: Path) -> None:
    """Edit the one file that holds the old text."""
    (path,) = files_with(fault)
    (copy / path.name).write_text(path.read_text().replace(fault.old, fault.new))


def files_with(fault: Fault) -> list[Path]:
    """Return the source files with the old text, once for each place."""
    return [path for path in SOURCES.iterdir() for _ in range(path.read_text().count(fault.old))]


def main() -> None:
    """Print each fault and whether it was found; fail unless all were."""
    for fault in FAULTS:
        if len(files_with(fault)) != 1:
            sys.exit(f"{fault.old!r} must occur once in {SOURCES}; update the table of faults")
    missed = 0
    with tempfile.TemporaryDirectory() as name:
        for sanitizers in (PLAIN, MEMORY, THREADS):
            if fuzz_fails(None, sanitizers, Path(name)):
                sys.exit(f"the fuzz must pass without a fault; it failed with -fsanitize={sanitizers}")
        for fault in FAULTS:
            found = fuzz_fails(fault, fault.sanitizers, Path(name))
            missed += not found
            print("found " if found else "MISSED", fault.name, flush=True)
    print(f"{len(FAULTS) - missed} of {len(FAULTS)} faults were found")
    sys.exit(missed > 0)


if __name__ == "__main__":
    main()
