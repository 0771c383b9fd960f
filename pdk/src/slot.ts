/** A typed key under which one plugin leaves a value on a connection and another reads it. */
export interface Slot<T> {
  readonly name: string
  /** Phantom: carries the value's type, holds nothing. */
  readonly '~value'?: T
}

/**
 * Declares a slot. Export it: whoever imports it may read it, typed.
 * Two slots of the same name are the same slot, also when the PDK is loaded twice.
 */
export function slot<T>(name: string): Slot<T> {
  return { name }
}
