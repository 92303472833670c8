import { openMemoryBus } from './memory.ts'
import { busSuite } from './suite.ts'

busSuite('memory', async () => openMemoryBus())
