import type { Answer, Names } from '../../balancing/names.ts'
import { resolveAll, unresolved, type ResolveLimits } from '../../balancing/resolve-all.ts'
import { addressesOf, hostOf } from '../../balancing/target-addresses.ts'
import {
  describeTarget,
  describeUpstream,
  type Marked,
  type Marking,
  type TargetHealth,
  type UpstreamHealth,
} from '../../balancing/target-health.ts'
import { isMarked, planMark, withMark } from '../../entities/plan-mark.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { canonicalTarget } from '../../entities/target-address.ts'
import type { Node } from '../node.ts'
import type { NodeHealth } from './node-health.ts'

type Knowledge = Pick<NodeHealth, 'isChecked' | 'report' | 'put' | 'remove'>

/** Names that are asked for together, and milliseconds: an operator waits for the answer. */
const patience: ResolveLimits = { together: 16, each: 2000, total: 5000 }

/** The health of upstreams as operators read and set it. */
export class OperatorHealth implements UpstreamHealth {
  readonly #node: Pick<Node, 'entities' | 'write'>
  readonly #health: Knowledge
  readonly #names: Names

  constructor(node: Pick<Node, 'entities' | 'write'>, health: Knowledge, names: Names) {
    this.#node = node
    this.#health = health
    this.#names = names
  }

  async ofTargets(
    upstream: Upstream,
    targets: readonly TargetRow[],
  ): Promise<readonly TargetHealth[]> {
    const answers = await this.#resolve(targets)
    return targets.map((row) => {
      const answer = answers.get(hostOf(row)) ?? unresolved
      const addresses = addressesOf(row, answer, upstream.use_srv_name === true)
      return describeTarget(row, answer, addresses, (address) => this.#health.report(row, address))
    })
  }

  async ofUpstream(upstream: Upstream, targets: readonly TargetRow[]) {
    const states = await this.ofTargets(upstream, targets)
    return describeUpstream(upstream, states, this.#health.isChecked(upstream))
  }

  /** What was said of a target can be taken back also when nothing checks it any more. */
  async mark({ upstream, target, address, healthy, author }: Marking): Promise<Marked> {
    if (!this.#health.isChecked(upstream) && !isMarked(target)) return 'unchecked'
    // By then the addresses of a new target are known, so that workers can be told of them.
    const answer = (await this.#resolve([target])).get(hostOf(target)) ?? unresolved
    if (address !== undefined && !isOf(target, answer, address)) return 'unknown'
    const mark = { address, healthy }
    // The workers hear of it before they are asked to follow the write, so that they know when that is done.
    this.#health.put(withMark(target, mark))
    try {
      const isThere = await this.#node.write((set) => planMark(set, target.id, mark), author)
      return isThere ? 'marked' : 'gone'
    } finally {
      const kept = this.#node.entities.get('targets', target.id)
      if (kept) this.#health.put(kept)
      else this.#health.remove(target.id)
    }
  }

  #resolve(targets: readonly TargetRow[]): Promise<ReadonlyMap<string, Answer>> {
    return resolveAll(this.#names, targets.map(hostOf), patience)
  }
}

/** An address that the target has now, or of which something was said when it had it. */
function isOf(target: TargetRow, answer: Answer, address: string): boolean {
  const canonical = canonicalTarget(address)
  if (Object.hasOwn(target.marks ?? {}, canonical)) return true
  return addressesOf(target, answer, false).some(({ peer }) => canonicalTarget(peer) === canonical)
}
