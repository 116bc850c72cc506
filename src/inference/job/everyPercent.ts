/** Progress messages for a 20 MB download would be hundreds; one per percent is enough. */
export function everyPercent(report: (done: number, total: number) => void): (done: number, total: number) => void {
  let last = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent !== last) report(done, total);
    last = percent;
  };
}
