/** Loaded into the attacked process before anything else, so that its memory can be measured without what is only not yet collected. */
process.on("SIGUSR2", () => globalThis.gc?.());
