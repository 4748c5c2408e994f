// Whether other programs, or other threads of this one, want the processors that this library computes on.
#pragma once

// Called by each thread that computes, now and then.
void observe_processors();

// True for a second after a computing thread had to wait for a processor for a fifth of its time. Threads must not spin then: the processor on
// which one waits is the one that the other needs.
bool processors_are_busy();

// Behaves as if they were busy, or idle, for some milliseconds; idle wins.
void assume_busy(int milliseconds);
void assume_idle(int milliseconds);
