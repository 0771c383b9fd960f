import { expect, test } from 'vitest'
import { TransportError, type Outbound, type Peeked } from '../../transport/transport.ts'
import { fakeOutbound } from '../connection.fixture.ts'
import { WarmShelf } from './warm-shelf.ts'

/** A peer whose connections do what the test says. */
class FakePeer {
  readonly events: string[] = []
  readonly watches: ((how: string | TransportError) => void)[] = []
  readonly pauses: { milliseconds: number; over: () => void; off: boolean }[] = []
  refuses = false
  permits = 9
  clock = 0
  /** What happens while the loop turns. */
  during = (): void => {}

  readonly parts = {
    connect: async (): Promise<Outbound> => {
      this.clock += 3
      if (this.refuses) throw new TransportError('refused', 'no')
      return this.#open(this.watches.length)
    },
    permits: {
      take: () => this.permits > 0 && this.permits-- > 0,
      release: () => void (this.permits += 1),
    },
    tried: (error: unknown, milliseconds: number) => {
      this.events.push(`${error instanceof Error ? error.message : 'tried'} ${milliseconds}`)
    },
    needy: () => void this.events.push('needy'),
    speaksFirst: () => void this.events.push('speaks first'),
    pause: (milliseconds: number, over: () => void) => {
      const pause = { milliseconds, over, off: false }
      this.pauses.push(pause)
      return () => void (pause.off = true)
    },
    now: () => this.clock,
    random: () => 0,
    turn: async () => this.during(),
  }

  #open(index: number): Outbound {
    let word: string | TransportError | undefined
    let wake = (): void => {}
    this.watches.push((how) => {
      word = how
      wake()
    })
    return fakeOutbound([], {
      discard: () => void this.events.push(`discard ${index}`),
      peek: (_atLeast, { signal }) =>
        new Promise<Peeked>((resolve, reject) => {
          wake = () => {
            if (word instanceof TransportError) reject(word)
            else if (word !== undefined) resolve({ bytes: Buffer.from(word), ended: word === '' })
          }
          wake()
          const give = () => reject(new TransportError('cancelled', 'given up'))
          if (signal?.aborted) give()
          signal?.addEventListener('abort', give)
        }),
    })
  }
}

async function shelfOf(wanted: number) {
  const peer = new FakePeer()
  const shelf = new WarmShelf(peer.parts)
  shelf.aim(wanted)
  for (let count = 0; count < wanted; count++) await shelf.add()
  const settle = () => new Promise(setImmediate)
  return { peer, shelf, settle }
}

test('it asks for what it lacks, and takes no more', async () => {
  const { peer, shelf } = await shelfOf(2)
  expect(peer.events).toEqual(['needy', 'needy'])
  expect(shelf.lacks).toBe(false)
  expect(peer.permits).toBe(7)
  await shelf.add()
  expect(peer.events.at(-1)).toBe('discard 2')
  expect(peer.permits).toBe(7)
})

test('what is handed out is silent, tells how long its connect took, and makes room for another one', async () => {
  const { peer, shelf } = await shelfOf(2)
  const warm = await shelf.take()
  expect(warm).toMatchObject({ took: 3 })
  expect([shelf.lacks, peer.permits, peer.events.at(-1)]).toEqual([true, 8, 'needy'])
  expect(await shelf.take()).toBeDefined()
  expect(await shelf.take()).toBeUndefined()
  expect(peer.events).not.toContain('discard 0')
})

test.each([
  ['has left', ''],
  ['has reset', new TransportError('reset', 'gone')],
  ['has spoken', '220 ready'],
] as const)('a connection whose peer %s is not kept', async (_what, how) => {
  const { peer, shelf, settle } = await shelfOf(1)
  peer.clock += 60_000
  peer.watches[0]?.(how)
  await settle()
  expect(peer.events.slice(-2)).toEqual(['discard 0', 'needy'])
  expect(peer.permits).toBe(9)
  expect(await shelf.take()).toBeUndefined()
})

test.each(['', 'hello', new TransportError('reset', 'gone')])(
  'one that is met dead on its way out is passed over (%j)',
  async (how) => {
    const { peer, shelf } = await shelfOf(2)
    peer.during = () => {
      peer.watches[1]?.(how)
      peer.during = () => {}
    }
    const warm = await shelf.take()
    expect(warm).toBeDefined()
    expect(peer.events).toContain('discard 1')
    expect(peer.permits).toBe(9)
  },
)

test('what comes between the last turn and the hand-over is seen, too', async () => {
  const { peer, shelf } = await shelfOf(1)
  const { during } = peer
  peer.parts.turn = async () => {
    during()
    queueMicrotask(() => peer.watches[0]?.('late'))
  }
  expect(await shelf.take()).toBeUndefined()
  expect(peer.events).toContain('discard 0')
})

test('a failed connect is told, and the next one waits', async () => {
  const { peer, shelf } = await shelfOf(0)
  peer.refuses = true
  shelf.aim(1)
  await shelf.add()
  expect(peer.events).toEqual(['needy', 'no 3'])
  expect([shelf.lacks, peer.permits]).toEqual([false, 9])
  peer.pauses[0]?.over()
  expect([shelf.lacks, peer.events.at(-1)]).toEqual([true, 'needy'])
  peer.refuses = false
  await shelf.add()
  expect(peer.events.at(-1)).toBe('tried 3')
})

test('a peer that soon ends what is idle is left alone for a while', async () => {
  const { peer, shelf, settle } = await shelfOf(1)
  peer.clock += 100
  peer.watches[0]?.('')
  await settle()
  expect(shelf.lacks).toBe(false)
  expect(peer.pauses.at(-1)?.milliseconds).toBe(100)
})

test('a peer that always speaks first is left alone, and that is told', async () => {
  const { peer, shelf, settle } = await shelfOf(2)
  peer.watches[0]?.('hello')
  await settle()
  expect(peer.events).not.toContain('speaks first')
  peer.watches[1]?.('hello')
  await settle()
  expect(peer.events).toContain('speaks first')
  expect(shelf.lacks).toBe(false)
})

test('without a permit of the node nothing is connected', async () => {
  const { peer, shelf } = await shelfOf(0)
  peer.permits = 0
  shelf.aim(1)
  await shelf.add()
  expect(peer.watches).toHaveLength(0)
  expect(shelf.lacks).toBe(false)
})

test('an idle connection is given up before a firewall forgets it', async () => {
  const { peer } = await shelfOf(1)
  const [age] = peer.pauses
  expect(age?.milliseconds).toBe(60_000)
  age?.over()
  expect(peer.events.slice(-2)).toEqual(['discard 0', 'needy'])
})

test('it gives up what is too much, and everything when it closes', async () => {
  const { peer, shelf } = await shelfOf(3)
  shelf.aim(1)
  expect(peer.events.slice(-2)).toEqual(['discard 1', 'discard 2'])
  const connecting = shelf.add()
  shelf.aim(0)
  await connecting
  expect(peer.events.filter((event) => event.startsWith('discard'))).toHaveLength(4)
  expect(peer.permits).toBe(9)
  expect(peer.pauses.every(({ off }) => off)).toBe(true)
  peer.refuses = true
  await shelf.add()
  expect(peer.pauses).toHaveLength(3)
})
