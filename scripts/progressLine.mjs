// @ts-check
/** Progress for people: one line that rewrites itself on a terminal, a line per step elsewhere. */

const names = {
  'load-model': 'loading model',
  prepare: 'preparing scan',
  compile: 'starting network',
  look: 'first look',
  infer: 'window',
  finish: 'writing labels',
};

/**
 * @param {{ phase: keyof typeof names, done: number, total: number, secondsLeft: number | null }} progress
 * @returns {string} e.g. "window 3/8, 12 s left"
 */
export function progressText({ phase, done, total, secondsLeft }) {
  if (phase === 'load-model') return `${names[phase]} ${total > 0 ? Math.floor((100 * done) / total) : 0} %`;
  if (phase !== 'infer' && phase !== 'look') return names[phase];
  const left = secondsLeft === null ? '' : `, ${Math.round(secondsLeft)} s left`;
  return `${names[phase]} ${done}/${total}${left}`;
}

/**
 * @param {NodeJS.WriteStream} stream
 * @returns {{ show: (text: string) => void, clear: () => void }}
 */
export function progressLine(stream) {
  let last = '';
  return {
    show(text) {
      if (stream.isTTY) stream.write(`\r\x1b[K${text}`);
      // Without a terminal a download's percents would fill the log.
      else if (text !== last && !/[1-9]\d? %$/.test(text)) stream.write(`${text}\n`);
      last = text;
    },
    clear() {
      if (stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}
