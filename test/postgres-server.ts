import { reservedIn, reserveServer } from '../core/src/store/postgres.fixture.ts'

/** Around a run of the tests: the first test that asks for a PostgreSQL server starts one, which ends with the run. */
export default function reserve(): () => Promise<void> {
  const { folder, end } = reserveServer()
  process.env[reservedIn] = folder
  return end
}
