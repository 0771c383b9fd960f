import { Session, type Debugger, type InspectorNotification } from 'node:inspector'
import { setTimeout as pause } from 'node:timers/promises'

/** A place in the code that runs. */
export interface Frame {
  readonly url: string
  readonly line: number
}

/** Milliseconds for the main thread to say where it is; in native code it cannot. */
const patience = 1_000

/**
 * Where the main thread is, innermost first, though it never comes to an end: for a moment it is stopped as by a
 * debugger. Only for a thread beside it. Empty when it does not stop.
 */
export async function mainStack(): Promise<readonly Frame[]> {
  const session = new Session()
  const urls = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  const stopped = new Promise<readonly Frame[]>((resolve) => {
    session.on(
      'Debugger.paused',
      ({ params }: InspectorNotification<Debugger.PausedEventDataType>) => {
        session.post('Debugger.resume')
        resolve(
          params.callFrames.map(({ location }) => ({
            url: urls.get(location.scriptId) ?? '',
            line: location.lineNumber + 1,
          })),
        )
      },
    )
  })
  try {
    session.connectToMainThread()
    session.post('Debugger.enable')
    session.post('Debugger.pause')
    return await Promise.race([stopped, pause(patience, [])])
  } catch {
    // A Node without an inspector: the phase still says who it is.
    return []
  } finally {
    session.disconnect()
  }
}
