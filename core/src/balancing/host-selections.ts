import type { Awaitable } from '@kong-ts/pdk'
import type { Answer, Names } from './names.ts'
import type { Surroundings } from './picker.ts'
import { placesOf } from './places.ts'
import { Roster } from './roster.ts'
import { RoundRobin } from './round-robin.ts'
import { Selection } from './selection.ts'

/** What a service says of where it is. */
export interface Location {
  readonly host: string
  readonly port: number
}

/** The addresses that a host has, and why it has none, or why they are older than they should be. */
export interface HostSelection {
  readonly selection: Selection
  readonly error: string | undefined
}

interface Known {
  readonly answer: Answer
  readonly roster: Roster
  readonly selection: Selection
}

/** The weight of every address that has none of its own. */
const weight = 1

/** The addresses of services whose host is no upstream; they take turns, those of SRV records by their weights. */
export class HostSelections {
  readonly #names: Names
  readonly #around: Surroundings
  /** By the service's row itself, with which it goes. */
  readonly #known = new WeakMap<Location, Known>()

  constructor(names: Names, around: Surroundings) {
    this.#names = names
    this.#around = around
  }

  /** At once, unless the name has to be asked for. Without an address it picks nobody. */
  of(service: Location): Awaitable<HostSelection> {
    const answer = this.#names.resolve(service.host)
    return answer instanceof Promise
      ? answer.then((late) => this.#answer(service, late))
      : this.#answer(service, answer)
  }

  #answer(service: Location, answer: Answer): HostSelection {
    return { selection: this.#follow(service, answer), error: answer.error }
  }

  #follow(service: Location, answer: Answer): Selection {
    const known = this.#known.get(service)
    if (known && isSame(known.answer, answer)) return known.selection
    const roster = known?.roster ?? new Roster()
    const selection = known?.selection ?? new Selection(new RoundRobin(this.#around))
    const { host, port } = service
    roster.place(placesOf({ host, port, weight, useSrvName: false }, answer), () => undefined)
    selection.arrange(roster.placed, 0)
    this.#known.set(service, { answer, roster, selection })
    return selection
  }
}

/** Whether two answers lead to the same places, in whatever order. */
function isSame(a: Answer, b: Answer): boolean {
  if (a === b || a.addresses === b.addresses) return true
  if (a.addresses.length !== b.addresses.length) return false
  const places = new Set(a.addresses.map((each) => JSON.stringify(each)))
  return b.addresses.every((each) => places.has(JSON.stringify(each)))
}
