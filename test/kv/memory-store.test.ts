import t from 'tap';
import { MemoryStore } from '../../src/kv/memory/memory-store.js';
import { testKvStore } from '../conformance/kv.js';

testKvStore(t, async () => new MemoryStore());
