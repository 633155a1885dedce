// A child that hangs before it has said anything.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
