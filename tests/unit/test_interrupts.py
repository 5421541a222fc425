"""What asks a process to end waits until the process knows what it has started."""

import signal
import threading

import pytest

from deploy.interrupts import ENDING, held_back


def test_an_interrupt_comes_at_the_end_of_the_block() -> None:
    reached = False
    with pytest.raises(KeyboardInterrupt), held_back():
        signal.raise_signal(signal.SIGINT)
        reached = True
    assert reached


def test_without_a_signal_the_handlers_are_what_they_were() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with held_back():
        pass
    assert [signal.getsignal(number) for number in ENDING] == before


def test_other_threads_need_nothing() -> None:
    done: list[bool] = []

    def work() -> None:
        with held_back():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
