import { mount, type Dial, type Outcome } from '@kong-ts/pdk/testing'
import { digest } from './digest.ts'
import type { Observation, Report } from './observation.ts'
import { alsoClosed, closed, type Case, type Identity, type Place } from './table.ts'

/** What a client says and an upstream answers where a case does not mind. */
export const usual: Dial = {
  bytes: 'hello',
  reply: (upload) => `you said ${inTheClear(Buffer.from(upload)).toString()}`,
}

/** Where TLS passes, the kit's upstream sees one record, the ClientHello, and then plaintext. */
function inTheClear(upload: Buffer): Buffer {
  return upload[0] === 0x16 ? upload.subarray(5 + upload.readUInt16BE(3)) : upload
}

/** Runs a case through the test kit of the PDK. */
export async function throughKit(each: Case, place: Place, identity: Identity): Promise<Report> {
  const plugin = await mount(each.plugin, each.config(place, identity))
  const refusing = [closed, alsoClosed].map(({ host, port }) => `${host}:${port}`)
  const dials: Observation[] = []
  for (const dial of each.dials) {
    const whole = {
      ...usual,
      ...dial,
      from: place.from,
      targets: [place.listed],
      failing: refusing,
    }
    dials.push(observe(await plugin.connect(whole)))
  }
  await plugin.unmount()
  return { dials, lines: plugin.lines }
}

function observe({ outcome, target, said, bytes, farewell, error, summary }: Outcome): Observation {
  const upload = inTheClear(Buffer.from(bytes.upload))
  const download = Buffer.concat([Buffer.from(said), bytes.download, Buffer.from(farewell ?? '')])
  return {
    outcome,
    upload: upload.toString('latin1'),
    target,
    download: download.toString(),
    failure: error && { plugin: error.plugin, phase: error.phase, message: error.message },
    digest: digest(summary),
  }
}
