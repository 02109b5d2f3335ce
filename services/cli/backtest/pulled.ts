/** Thrown into a `push` whose items are no longer wanted. */
class NoLongerWanted extends Error {}

/**
 * Turns a function that pushes items, and waits for each to be taken, into one from which they are pulled: at most one
 * item is held. A generator that is left early ends the push.
 * @throws what the push throws
 */
export async function* pulled<T>(
  push: (deliver: (item: T) => Promise<void>) => Promise<void>,
): AsyncGenerator<T> {
  let offer = Promise.withResolvers<{ readonly item: T } | null>();
  let taken = Promise.withResolvers<void>();
  const pushing = push((item) => {
    offer.resolve({ item });
    return taken.promise;
  }).then(
    () => offer.resolve(null),
    (error: unknown) => offer.reject(error),
  );
  try {
    for (let next = await offer.promise; next !== null; next = await offer.promise) {
      yield next.item;
      offer = Promise.withResolvers();
      const free = taken;
      taken = Promise.withResolvers();
      free.resolve();
    }
  } finally {
    // Both are settled already where the push has ended by itself.
    offer.promise.catch(() => undefined);
    taken.promise.catch(() => undefined);
    taken.reject(new NoLongerWanted());
    await pushing;
  }
}
