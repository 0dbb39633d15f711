/**
 * What the parsers of declarations and statements share while one function is read: tokens, names, variables, and the
 * fragments and targets that they all are made of.
 */
import type { SqlError } from '../../errors/sql-error.js';
import { declaredHere, findName, type Names } from './names.js';
import type { Token } from './scanner.js';
import type { CursorDeclaration, Fragment, IntoTarget, PlType, Statement, Target, Variable } from './syntax.js';
import type { Span, TokenReader } from './token-reader.js';

/** Names in plpgsql.extra_warnings and plpgsql.extra_errors. */
export type ExtraCheck = 'shadowed_variables' | 'too_many_rows' | 'strict_multi_assignment';

/** Types that declarations name. Each throws SqlError for what does not exist. */
export interface TypeSource {
  named(text: string): PlType;
  /** What positions in errors of `named` count from. */
  readonly typePrefix: string;
  /** `path%TYPE` for what is no variable; null: there is no such column. */
  ofColumn(path: readonly string[]): PlType | null;
  /** `path%ROWTYPE` */
  ofRow(path: readonly string[]): PlType;
  readonly standard: {
    readonly integer: PlType;
    readonly boolean: PlType;
    readonly text: PlType;
    readonly refcursor: PlType;
  };
  readonly record: PlType;
  /** What is made of a variable that hides another one. */
  readonly shadowing: 'error' | 'warning' | null;
  /** Tells of something at a position of the source. */
  warn(message: string, position: number): void;
  /** @throws SqlError 0A000 for types that variables cannot have */
  checkVariable(name: string, type: PlType): void;
}

export interface Parameter {
  /** '' for none. */
  readonly name: string;
  readonly mode: string;
  readonly type: PlType;
}

/** What the parser has to know of a function besides its body. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly returnsSet: boolean;
  readonly result: 'void' | 'record' | 'scalar' | 'trigger' | 'event trigger';
  readonly procedure: boolean;
  /** Type of $0, which polymorphic functions have. */
  readonly ownResult: PlType | null;
}

export class FunctionParser {
  names: Names = null;
  readonly variables: Variable[] = [];

  constructor(
    readonly reader: TokenReader,
    readonly types: TypeSource,
    readonly signature: Signature,
    private readonly readStatement: (parser: FunctionParser) => Statement | null,
  ) {}

  get hasOutputs(): boolean {
    return this.signature.parameters.some(({ mode }) => 'obt'.includes(mode));
  }

  // --- Names

  pushLabel(name: string, loop: boolean): void {
    this.names = { kind: 'label', name, loop, next: this.names };
  }

  /** Another name for a variable. */
  nameVariable(name: string, dno: number): void {
    this.names = { kind: 'variable', name, dno, record: this.variables[dno].type.composite, next: this.names };
  }

  declare(variable: Partial<Variable> & { name: string; type: PlType }): number {
    const dno = this.variables.length;
    const made: Variable = {
      line: 0,
      constant: false,
      notNull: false,
      initial: null,
      cursor: null,
      ...variable,
      dno,
    };
    this.variables.push(made);
    if (made.name !== '') this.nameVariable(made.name, dno);
    return dno;
  }

  /** A variable without a name. */
  hidden(name: string, type: PlType, line = 0): number {
    const dno = this.declare({ name: '', type, line });
    this.variables[dno] = { ...this.variables[dno], name };
    return dno;
  }

  declareCursor(variable: { name: string; line: number; cursor: CursorDeclaration }): number {
    return this.declare({ ...variable, type: this.types.standard.refcursor });
  }

  /** @throws SqlError 42601 */
  checkNew(token: Token): void {
    if (declaredHere(this.names, token.value)) throw this.reader.syntaxError('duplicate declaration', token);
    const { shadowing } = this.types;
    if (shadowing === null || findName(this.names, [token.value]) === null) return;
    const message = `variable "${token.value}" shadows a previously defined variable`;
    const error = this.reader.fault(token, message, 'duplicate_alias');
    if (shadowing === 'error') throw error;
    this.types.warn(message, error.fields.position ?? 1);
  }

  /** Runs `read` with names that are forgotten afterwards. */
  scoped<T>(read: () => T): T {
    const { names } = this;
    try {
      return read();
    } finally {
      this.names = names;
    }
  }

  // --- Statements

  /** Statements up to one of the words, which is left to be read. */
  statements(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      const { reader } = this;
      const token = reader.peek();
      if (token.kind === 'end') throw reader.syntaxError();
      if (token.kind === 'word' && !token.quoted && ENDS.has(token.value)) return statements;
      const statement = this.readStatement(this);
      if (statement !== null) statements.push(statement);
    }
  }

  // --- Fragments

  fragment({ text, offset }: Span, kind: Fragment['kind'] = 'expression', start = 0): Fragment {
    return { kind, text, offset, start, names: this.names };
  }

  expression(until: readonly string[], shown?: string): Fragment {
    return this.expressionUntil(until, shown).fragment;
  }

  expressionUntil(until: readonly string[], shown?: string): { fragment: Fragment; until: string } {
    const span = this.reader.span(until, 'expression', shown);
    this.reader.check('SELECT ', span.text, span.offset);
    return { fragment: this.fragment(span), until: span.until };
  }

  /** A list of expressions up to one of the ends. */
  expressionList(ends: readonly string[]): { list: Fragment[]; until: string } {
    const list: Fragment[] = [];
    for (;;) {
      const { fragment, until } = this.expressionUntil([',', ...ends], `, or ${ends[0]}`);
      list.push(fragment);
      if (until !== ',') return { list, until };
    }
  }

  // --- Targets

  /** The variable that stands next, with a field perhaps; null (and nothing is read) for anything else. */
  tryTarget(): { target: Target; token: Token; composite: boolean } | null {
    const { reader } = this;
    const token = reader.peek();
    if (token.kind === 'param') return this.parameterTarget(token);
    if (token.kind !== 'word') return null;
    const path = [token.value];
    for (let i = 1; path.length < 3 && reader.is('.', i) && reader.peek(i + 1).kind === 'word'; i += 2)
      path.push(reader.peek(i + 1).value);
    const found = findName(this.names, path);
    if (found === null) return null;
    const hasField = found.used < path.length;
    const words = hasField ? found.used + 1 : found.used;
    const last = reader.peek((words - 1) * 2);
    for (let i = 0; i < words * 2 - 1; i++) reader.next();
    const field = hasField ? path[found.used] : null;
    const name = reader.source.slice(token.start, last.end);
    return { target: { dno: found.dno, field, name }, token, composite: field === null && found.record };
  }

  private parameterTarget(token: Token): { target: Target; token: Token; composite: boolean } | null {
    const found = findName(this.names, [token.value]);
    if (found === null) return null;
    this.reader.next();
    return { target: { dno: found.dno, field: null, name: token.text }, token, composite: found.record };
  }

  /** @throws SqlError 22005 for constants */
  checkAssignable({ dno }: Target, token: Token): void {
    const { constant, name } = this.variables[dno];
    if (constant) throw this.reader.fault(token, `variable "${name}" is declared CONSTANT`, 'error_in_assignment');
  }

  /** @throws SqlError 42601 for names that are no variables */
  target(): { target: Target; token: Token; composite: boolean } {
    const { reader } = this;
    const found = this.tryTarget();
    if (found === null) throw this.unknownVariable();
    this.checkAssignable(found.target, found.token);
    if (reader.is('[')) throw reader.syntaxError();
    return found;
  }

  unknownVariable(): SqlError {
    const { reader } = this;
    const mark = reader.mark;
    const token = reader.peek();
    if (token.kind !== 'word' || reader.isReserved(token)) return reader.syntaxError();
    const path = reader.path();
    reader.back(mark);
    return reader.fault(token, `"${path.map(({ text }) => text).join('.')}" is not a known variable`);
  }

  /** What stands behind INTO. @throws SqlError 42601 */
  intoTarget(): IntoTarget {
    const { reader } = this;
    const first = this.target();
    if (first.composite && !reader.is(',')) return { record: first.target, list: [] };
    const list: Target[] = [];
    for (let item = first; ; item = this.target()) {
      if (item.composite) {
        if (list.length === 0)
          throw reader.fault(item.token, 'record variable cannot be part of multiple-item INTO list');
        throw reader.fault(item.token, `"${item.target.name}" is not a scalar variable`);
      }
      list.push(item.target);
      if (!reader.accept(',')) return { record: null, list };
    }
  }

  /** A cursor variable. @throws SqlError 42601, 42804 */
  cursorVariable(): number {
    const { reader } = this;
    const found = this.tryTarget();
    if (found === null) throw this.unknownVariable();
    const { dno } = found.target;
    const variable = this.variables[dno];
    if (variable.type.composite || found.target.field !== null)
      throw reader.fault(found.token, 'cursor variable must be a simple variable', 'datatype_mismatch');
    if (variable.type.oid !== this.types.standard.refcursor.oid) {
      const message = `variable "${variable.name}" must be of type cursor or refcursor`;
      throw reader.fault(found.token, message, 'datatype_mismatch');
    }
    return dno;
  }
}

const ENDS = new Set(['end', 'else', 'elsif', 'elseif', 'when', 'exception']);
