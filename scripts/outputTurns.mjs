// @ts-check
/** Output of programs that run side by side, one after another: the first live, the others whole when it is their turn. */

/**
 * @typedef {object} Output
 * @property {(chunk: string | Buffer) => void} write
 * @property {() => void} end
 */

/**
 * @param {(chunk: string | Buffer) => void} write where all of it goes
 * @returns {(title: string) => Output} opens one more output; its title is written above it
 */
export function outputTurns(write) {
  /** @type {{ held: (string | Buffer)[], ended: boolean }[]} in the order in which they were opened */
  const open = [];

  function next() {
    for (let first = open[0]; first; first = open[0]) {
      for (const chunk of first.held.splice(0)) write(chunk);
      if (!first.ended) return;
      open.shift();
    }
  }

  return (title) => {
    const own = { held: /** @type {(string | Buffer)[]} */ ([`\n=== ${title} ===\n`]), ended: false };
    open.push(own);
    next();
    return {
      write(chunk) {
        own.held.push(chunk);
        if (own === open[0]) next();
      },
      end() {
        own.ended = true;
        if (own === open[0]) next();
      },
    };
  };
}
