import type { Awaitable } from '@kong-ts/pdk'

/** Goes on with a value: at once, unless it has to be waited for. A connection that waits for nothing costs no promise. */
export function after<T, U>(value: Awaitable<T>, goOn: (value: T) => Awaitable<U>): Awaitable<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value)
}
