import type { WriteOperators } from './instantiate.js';

const no = (): never => {
  throw new Error('dml');
};
export const writeOperators: WriteOperators = { insert: no, update: no, delete: no, 'lock rows': no };
