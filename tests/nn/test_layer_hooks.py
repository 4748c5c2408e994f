"""Hooks and computed weights of recurrent layers: honoured as torch honours them, or refused."""

from __future__ import annotations

import copy
import io
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules import module as every_module
from torch.nn.utils import parametrizations, parametrize, prune, spectral_norm, weight_norm
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, unpack_sequence

from kernels.cases import needs_kernels
from seqclf.nn import Cell, EngineName, LastState, LinearHead, RecurrentEncoder, SequenceNetwork
from seqclf.sequences import Sequences, as_sequences

pytestmark = pytest.mark.filterwarnings(
    "ignore:`torch.nn.utils.weight_norm` is deprecated", "ignore:.*torch.nn.utils.spectral_norm"
)
ENGINES: list[Any] = ["packed", pytest.param("native", marks=needs_kernels)]
every_engine = pytest.mark.parametrize("engine", ENGINES)
every_cell = pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
NAMES = ("weight_ih_l0", "weight_hh_l0_reverse")

Change = Callable[[nn.Module, str], Any]
OLDER: dict[str, Change] = {
    "spectral norm": lambda layer, name: spectral_norm(layer, name),
    "weight norm": lambda layer, name: weight_norm(layer, name),
    "pruned": lambda layer, name: prune.l1_unstructured(layer, name, 0.5),  # type: ignore[no-untyped-call]
    "pruned twice": lambda layer, name: [
        prune.l1_unstructured(layer, name, 0.3)  # type: ignore[no-untyped-call]
        for _ in range(2)
    ],
}
NEWER: dict[str, Change] = {
    "spectral parametrization": parametrizations.spectral_norm,
    "weight parametrization": parametrizations.weight_norm,
    "orthogonal": parametrizations.orthogonal,
}
CHANGES = OLDER | NEWER


def batch() -> Sequences:
    generator = torch.Generator().manual_seed(0)
    return as_sequences([torch.randn(length, 2, generator=generator) for length in (3, 1, 20, 6)])


def encoder(engine: EngineName = "auto", cell: Cell = "gru", change: str | None = None) -> RecurrentEncoder:
    """Return two bidirectional layers; in the second, two weights are computed."""
    generator = torch.Generator().manual_seed(1)
    options: dict[str, Any] = {"num_layers": 2, "bidirectional": True, "init": "torch"}
    model = RecurrentEncoder(cell, 2, 3, engine=engine, generator=generator, **options)
    if change is not None:
        with torch.random.fork_rng():
            torch.manual_seed(2)  # the first vectors of spectral norms
            for name in NAMES:
                CHANGES[change](model.layers[1], name)
    return model


def reference(model: RecurrentEncoder, sequences: Sequences) -> Tensor:
    """Return the states of torch's own call of each layer."""
    packed = pack_sequence(list(sequences), enforce_sorted=False)
    for layer in model.layers:
        with (
            parametrize.cached()
        ):  # torch reads a parametrized weight several times, which updates a spectral norm
            packed = layer(packed)[0]
    return torch.cat(unpack_sequence(packed))


@pytest.mark.parametrize("change", CHANGES)
@every_cell
@every_engine
def test_computed_weights_give_the_states_and_gradients_of_torch(
    engine: EngineName, cell: Cell, change: str
) -> None:
    model, twin, sequences = encoder(engine, cell, change), encoder("packed", cell, change), batch()
    assert model.engine_ == engine
    for mode in (True, True, False):  # a spectral norm changes with each call in training
        states: Sequences = model.train(mode)(sequences)
        expected = reference(twin.train(mode), sequences)
        torch.testing.assert_close(states.values, expected, rtol=1e-4, atol=1e-6)
        got = torch.autograd.grad(states.values.square().sum(), list(model.parameters()))
        right = torch.autograd.grad(expected.square().sum(), list(twin.parameters()))
        torch.testing.assert_close(got, right, rtol=1e-3, atol=1e-5)
        assert len(got) == len(list(model.named_parameters()))
    torch.testing.assert_close(model.state_dict(), twin.state_dict())


@pytest.mark.parametrize("change", CHANGES)
@every_engine
def test_a_step_of_the_optimizer_changes_the_states(engine: EngineName, change: str) -> None:
    model, sequences = encoder(engine, change=change).eval(), batch()
    before: Sequences = model(sequences)
    before.values.square().sum().backward()  # type: ignore[no-untyped-call]
    changed = [parameter for name, parameter in model.named_parameters() if NAMES[1] in name]
    torch.optim.SGD(changed, lr=1.0).step()
    after: Sequences = model(sequences)
    assert not torch.allclose(before.values, after.values, atol=1e-4)


@pytest.mark.parametrize("change", CHANGES)
@every_engine
def test_copies_and_loaded_weights_give_the_same_states(engine: EngineName, change: str) -> None:
    model, sequences = encoder(engine, change=change), batch()
    model.train()(sequences)  # a module that has run must be as easy to copy as a new one
    expected: Sequences = model.eval()(sequences)
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    loaded = encoder(engine, change=change).eval()
    with torch.no_grad():
        for parameter in loaded.parameters():
            parameter.mul_(2)
    loaded.load_state_dict(torch.load(io.BytesIO(file.getvalue())))
    copies = [copy.deepcopy(model), loaded]
    if change in OLDER:  # torch refuses to pickle parametrizations
        copies.append(pickle.loads(pickle.dumps(model)))
    for one in copies:
        states: Sequences = one(sequences)
        torch.testing.assert_close(states.values, expected.values)


@pytest.mark.parametrize("change", CHANGES)
@needs_kernels
def test_a_compiled_encoder_computes_its_weights(change: str) -> None:
    torch.compiler.reset()
    model, sequences = encoder("native", change=change).eval(), batch()
    expected: Sequences = model(sequences)
    with torch._dynamo.config.patch(allow_rnn=True):
        compiled: Any = torch.compile(model, fullgraph=True, backend="aot_eager")
        for _ in range(2):
            torch.testing.assert_close(compiled(sequences).values, expected.values)
        with torch.no_grad():
            next(p for name, p in model.named_parameters() if NAMES[1] in name).mul_(-1)
        expected = model(sequences)
        torch.testing.assert_close(compiled(sequences).values, expected.values)


def double_states(layer: nn.Module, args: Any, result: Any) -> Any:
    output, final = result
    return output._replace(data=2 * output.data), final


def double_inputs(layer: nn.Module, args: Any) -> Any:
    return (args[0]._replace(data=2 * args[0].data), *args[1:])


HOOKS: dict[str, tuple[Callable[[nn.Module], Any], str]] = {
    "forward": (lambda layer: layer.register_forward_hook(double_states), "a forward hook, <function double"),
    "pre": (
        lambda layer: layer.register_forward_pre_hook(double_inputs),
        "a forward pre-hook, <function double",
    ),
    "forward of all": (
        lambda layer: every_module.register_module_forward_hook(only_layers(double_states)),
        "a forward hook of all modules, <function only_layers",
    ),
    "pre of all": (
        lambda layer: every_module.register_module_forward_pre_hook(only_layers(double_inputs)),
        "a forward pre-hook of all modules, <function only_layers",
    ),
}


def only_layers(hook: Callable[..., Any]) -> Callable[..., Any]:
    """Return a hook of all modules that acts on recurrent layers."""
    return lambda module, *rest: hook(module, *rest) if isinstance(module, nn.RNNBase) else None


@pytest.mark.parametrize("kind", HOOKS)
def test_hooks_of_a_layer_run_as_in_torch_and_end_with_their_removal(kind: str) -> None:
    model, sequences = encoder(), batch()
    engine = model.engine_
    without: Sequences = model(sequences)
    handle = HOOKS[kind][0](model.layers[0])
    try:
        assert model.engine_ == "packed"
        states: Sequences = model(sequences)
        torch.testing.assert_close(states.values, reference(model, sequences), rtol=1e-4, atol=1e-6)
        assert not torch.allclose(states.values, without.values, atol=1e-3)
    finally:
        handle.remove()
    again: Sequences = model(sequences)
    assert torch.equal(again.values, without.values)
    assert model.engine_ == engine


@pytest.mark.parametrize("kind", HOOKS)
@needs_kernels
def test_the_native_engine_refuses_hooks_that_read_inputs_or_states(kind: str) -> None:
    model, sequences = encoder("native"), batch()
    add, name = HOOKS[kind]
    handle = add(model.layers[1])
    message = (
        'engine="native" must find compiled kernels, float32 weights on the CPU, and layers without forward hooks or a `forward` of their own; '
        f"got {name}"
    )
    try:
        with pytest.raises(ValueError, match=re.escape(message)):
            model(sequences)
    finally:
        handle.remove()


@every_cell
def test_hooks_see_each_sequence_in_the_order_of_the_batch(cell: Cell) -> None:
    model, sequences = encoder(cell=cell), batch()
    seen: list[Any] = []
    model.layers[0].register_forward_hook(lambda layer, args, result: seen.extend([*args, result]))
    model(sequences)
    given, (output, final) = seen
    assert isinstance(given, PackedSequence)
    padded, lengths = pad_packed_sequence(given, batch_first=True)
    assert lengths.tolist() == sequences.lengths.tolist()
    for row, one in zip(padded, sequences, strict=True):
        assert torch.equal(row[: len(one)], one)
    states = unpack_sequence(output)
    hidden = final[0] if cell == "lstm" else final
    for i, one in enumerate(states):
        assert torch.equal(hidden[0, i], one[-1, :3])


def test_a_hook_with_a_computed_weight_leaves_a_model_that_can_be_copied() -> None:
    model, sequences = encoder(change="spectral norm"), batch()
    model.layers[1].register_forward_hook(double_states)
    expected: Sequences = model.eval()(sequences)
    states: Sequences = copy.deepcopy(model)(sequences)
    assert torch.equal(states.values, expected.values)


def test_a_hook_that_returns_something_else_is_refused() -> None:
    model = encoder()
    model.layers[0].register_forward_hook(lambda layer, args, result: result[0])
    message = (
        "A hook of a recurrent layer must return None or what the layer returns, a PackedSequence and the final state; "
        "got PackedSequence from a forward hook"
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        model(batch())


def nothing(*_: Any) -> None:
    return None


@pytest.mark.parametrize(
    "add",
    [
        lambda layer: layer.register_full_backward_hook(nothing),
        lambda layer: layer.register_full_backward_pre_hook(nothing),
        lambda layer: layer.register_backward_hook(nothing),
        lambda layer: every_module.register_module_full_backward_hook(nothing),
        lambda layer: every_module.register_module_full_backward_pre_hook(nothing),
    ],
    ids=["full", "pre", "old", "full of all", "pre of all"],
)
@every_engine
def test_backward_hooks_are_refused(engine: EngineName, add: Callable[[nn.Module], Any]) -> None:
    model, sequences = encoder(engine), batch()
    handle = add(model.layers[1])
    message = (
        "Layers of a RecurrentEncoder must have no backward hooks, not even those of all modules: torch does not run them for "
        "sequences of different lengths; got one for GRU("
    )
    try:
        with pytest.raises(ValueError, match=re.escape(message)):
            model(sequences)
    finally:
        handle.remove()
    model(sequences)


@every_engine
def test_a_hook_of_a_weight_sees_its_gradient(engine: EngineName) -> None:
    """The cure that the message about backward hooks names."""
    model = encoder(engine)
    seen: list[Tensor] = []
    weight = model.layers[0].weight_hh_l0
    assert isinstance(weight, Tensor)
    weight.register_hook(seen.append)  # type: ignore[no-untyped-call]
    states: Sequences = model(batch())
    states.values.sum().backward()  # type: ignore[no-untyped-call]
    assert len(seen) == 1


class Scaled(nn.GRU):
    """A layer with a forward pass of its own."""

    def forward(self, *args: Any) -> Any:
        output, final = super().forward(*args)
        return output._replace(data=3 * output.data), final


def test_a_subclass_with_its_own_forward_is_called() -> None:
    model, sequences = encoder(), batch()
    model.layers[0] = Scaled(2, 3, bidirectional=True)
    states: Sequences = model(sequences)
    torch.testing.assert_close(states.values, reference(model, sequences), rtol=1e-4, atol=1e-6)
    assert model.engine_ == "packed"


@pytest.mark.parametrize(
    "layer",
    [nn.GRU(2, 3, num_layers=2), nn.LSTM(2, 4, proj_size=3), nn.Linear(2, 3), nn.GRUCell(2, 3)],
    ids=["two layers", "projections", "linear", "cell"],
)
def test_other_layers_are_refused(layer: nn.Module) -> None:
    model = RecurrentEncoder("gru", 2, 3)
    model.layers[0] = layer
    message = (
        "Layers of a RecurrentEncoder must be torch.nn.RNN, GRU or LSTM with num_layers=1 and proj_size=0; got "
        f"{layer!r}. Write a custom encoder for other layers."
    )
    with pytest.raises(TypeError, match=re.escape(message)):
        model(batch())


def test_hooks_of_other_components_run() -> None:
    """Everything except recurrent layers is called."""
    model = SequenceNetwork(encoder(), LastState(bidirectional=True), LinearHead(6, 2)).eval()
    called: list[str] = []
    for name, module in model.named_modules():
        if not isinstance(module, nn.RNNBase | nn.ModuleList):
            module.register_forward_hook(lambda *_, name=name: called.append(name))
    with torch.no_grad():
        model(batch())
    expected = {"", "encoder", "encoder.dropout", "pooling", "head", "head.dropout", "head.linear"}
    assert set(called) == expected
    head: Any = model.head
    spectral_norm(head.linear)
    with torch.no_grad():
        logits: Tensor = model(batch())
        weight, summary = head.linear.weight, model.summarize(batch())
    assert isinstance(weight, Tensor)
    assert not torch.allclose(weight, head.linear.weight_orig)
    torch.testing.assert_close(logits, summary @ weight.T + head.linear.bias)
