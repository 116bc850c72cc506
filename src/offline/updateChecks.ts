/** When a newer version is looked for: hourly, and as the user comes back to the page. Registering looked at the start. */

const HOUR_MS = 3_600_000;
/** Coming back again so soon is no new visit. */
const QUIET_MS = 60_000;

/** @param look asks the server; called only while the browser believes to have a network */
export function checkForUpdates(look: () => Promise<void>): void {
  let last = Date.now();
  const check = () => {
    if (!navigator.onLine) return;
    last = Date.now();
    void look();
  };
  setInterval(check, HOUR_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && Date.now() - last > QUIET_MS) check();
  });
}
