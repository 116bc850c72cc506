/**
 * How long a server is waited for whose answer of an earlier visit is here. A network that swallows requests, as in halls and
 * behind firewalls, does not say that it does: the browser would wait for minutes.
 */
const PATIENCE_MS = 4000;

/**
 * An answer that comes in time. What comes later is not waited for and does no harm.
 * @param tooLate makes the error
 * @throws what `answer` rejects with, or that error
 */
export async function withinPatience<T>(answer: Promise<T>, tooLate: () => unknown): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
