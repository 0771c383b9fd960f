import type { Surroundings } from './picker.ts'
import { RandomTwoChoices } from './random-two-choices.ts'

/**
 * Of two peers, drawn by their weights, the one that is expected to accept sooner: the peak-sensitive average of its
 * connect times, which fades within some ten seconds, times the connects that are under way.
 */
export class Latency extends RandomTwoChoices {
  constructor(around: Surroundings) {
    super(around, (peer) => peer.cost(around.now()))
  }
}
