import { FollowedSource, type Kit, type SourceTerms } from '@kong-ts/pdk'
import { AddressList } from './address-list.ts'
import { readList, type ReadList } from './read-list.ts'

/** How lists are read: what all of them have in common. */
export type ListTerms = Omit<SourceTerms<ReadList>, 'read' | 'accept'>

/** The list of a file or a URL; the last good one is in force. */
export class SourceList {
  readonly #source: FollowedSource<ReadList>
  #list: AddressList | undefined

  /** @param maxAge milliseconds; what another worker has read is good enough when it is not older */
  constructor(source: string, maxAge: number, terms: ListTerms, kit: Kit) {
    const follower = {
      ...terms,
      maxAge,
      accept: 'text/plain, application/json, */*;q=0.1',
      read: (bytes: Buffer) => readList(bytes.toString()),
      describe: ({ entries }: ReadList) => ({ entries }),
      follow: ({ ranges }: ReadList) => void (this.#list = new AddressList(ranges)),
    }
    this.#source = new FollowedSource(source, follower, kit)
  }

  has(address: string): boolean {
    return this.#list?.has(address) === true
  }

  /** @throws with the name of the source and what is wrong, when it cannot be read for the first time */
  open(): Promise<void> {
    return this.#source.open()
  }

  reload(): Promise<void> {
    return this.#source.reload()
  }
}
