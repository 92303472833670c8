import { run } from './services/run.ts'
import { everything } from './services/start.ts'

await run(everything)
