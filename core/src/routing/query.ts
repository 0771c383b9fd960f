import type { Endpoint } from '@kong-ts/pdk'
import { type Address, parseAddress } from './address.ts'
import { foldName } from './sni-pattern.ts'

/** One side of a session; its address is read at most once, and only if a route asks for it. */
export class Place {
  readonly port: number
  readonly #text: string
  #address: Address | undefined
  #read = false

  constructor(endpoint: Endpoint) {
    this.port = endpoint.port
    this.#text = endpoint.address
  }

  get address(): Address | undefined {
    if (!this.#read) {
      this.#read = true
      this.#address = parseAddress(this.#text)
    }
    return this.#address
  }
}

/** What a session is asked by the table. The ranks say how it was matched so far; smaller is better. */
export class Query {
  readonly source: Place
  readonly destination: Place
  /** Undefined for plain bytes, and for TLS without SNI. */
  readonly name: string | undefined
  readonly ranks = { sni: 0, source: 0, destination: 0 }

  constructor(source: Endpoint, destination: Endpoint, name?: string) {
    this.source = new Place(source)
    this.destination = new Place(destination)
    this.name = name === undefined ? undefined : foldName(name)
  }
}
