--
-- PostgreSQL database dump
--



SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: x; Type: SCHEMA; Schema: -; Owner: orbit
--

CREATE SCHEMA x;


ALTER SCHEMA x OWNER TO orbit;

--
-- Name: de; Type: COLLATION; Schema: x; Owner: orbit
--

CREATE COLLATION x.de (provider = icu, locale = 'de-u-co-phonebk');


ALTER COLLATION x.de OWNER TO orbit;

--
-- Name: COLLATION de; Type: COMMENT; Schema: x; Owner: orbit
--

COMMENT ON COLLATION x.de IS 'phone book';


--
-- Name: comp; Type: TYPE; Schema: x; Owner: orbit
--

CREATE TYPE x.comp AS (
	a integer,
	b text,
	c numeric(5,2)
);


ALTER TYPE x.comp OWNER TO orbit;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: t; Type: TABLE; Schema: x; Owner: orbit
--

CREATE TABLE x.t (
    id integer NOT NULL,
    n text COLLATE x.de,
    o text COLLATE pg_catalog."en-US-x-icu",
    c x.comp
)
WITH (fillfactor='80', autovacuum_enabled='false');


ALTER TABLE x.t OWNER TO orbit;

--
-- Name: grp(); Type: FUNCTION; Schema: x; Owner: orbit
--

CREATE FUNCTION x.grp() RETURNS SETOF x.t
    LANGUAGE sql
    AS $$select * from x.t$$;


ALTER FUNCTION x.grp() OWNER TO orbit;

--
-- Name: p(integer); Type: PROCEDURE; Schema: x; Owner: orbit
--

CREATE PROCEDURE x.p(INOUT a integer)
    LANGUAGE plpgsql
    AS $$ begin a := a + 1; end $$;


ALTER PROCEDURE x.p(INOUT a integer) OWNER TO orbit;

--
-- Name: tf(); Type: FUNCTION; Schema: x; Owner: orbit
--

CREATE FUNCTION x.tf() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ begin if tg_op = 'DELETE' then return old; end if; new.n := upper(new.n); return new; end $$;


ALTER FUNCTION x.tf() OWNER TO orbit;

--
-- Name: vf(); Type: FUNCTION; Schema: x; Owner: orbit
--

CREATE FUNCTION x.vf() RETURNS trigger
    LANGUAGE plpgsql
    AS $$begin return new; end$$;


ALTER FUNCTION x.vf() OWNER TO orbit;

--
-- Name: g; Type: VIEW; Schema: x; Owner: orbit
--

CREATE VIEW x.g AS
SELECT
    NULL::integer AS id,
    NULL::text COLLATE x.de AS n;


ALTER TABLE x.g OWNER TO orbit;

--
-- Name: t_id_seq; Type: SEQUENCE; Schema: x; Owner: orbit
--

CREATE SEQUENCE x.t_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE x.t_id_seq OWNER TO orbit;

--
-- Name: t_id_seq; Type: SEQUENCE OWNED BY; Schema: x; Owner: orbit
--

ALTER SEQUENCE x.t_id_seq OWNED BY x.t.id;


--
-- Name: v; Type: VIEW; Schema: x; Owner: orbit
--

CREATE VIEW x.v AS
 SELECT s.id,
    (s.n || s.o) AS no
   FROM ( SELECT t.id,
            (t.n COLLATE "C") AS n,
            (t.o COLLATE "C") AS o
           FROM x.t) s;


ALTER TABLE x.v OWNER TO orbit;

--
-- Name: t id; Type: DEFAULT; Schema: x; Owner: orbit
--

ALTER TABLE ONLY x.t ALTER COLUMN id SET DEFAULT nextval('x.t_id_seq'::regclass);


--
-- Data for Name: t; Type: TABLE DATA; Schema: x; Owner: orbit
--

COPY x.t (id, n, o, c) FROM stdin;
1	OE	b	(1,x,2.50)
2	Z	a	\N
\.


--
-- Name: t_id_seq; Type: SEQUENCE SET; Schema: x; Owner: orbit
--

SELECT pg_catalog.setval('x.t_id_seq', 2, true);


--
-- Name: t t_pkey; Type: CONSTRAINT; Schema: x; Owner: orbit
--

ALTER TABLE ONLY x.t
    ADD CONSTRAINT t_pkey PRIMARY KEY (id);


--
-- Name: t_n_o_id_idx; Type: INDEX; Schema: x; Owner: orbit
--

CREATE INDEX t_n_o_id_idx ON x.t USING btree (n, o DESC) INCLUDE (id) WHERE (n > 'a'::text);


--
-- Name: st; Type: STATISTICS; Schema: x; Owner: orbit
--

CREATE STATISTICS x.st (dependencies) ON n, o FROM x.t;


ALTER STATISTICS x.st OWNER TO orbit;

--
-- Name: g _RETURN; Type: RULE; Schema: x; Owner: orbit
--

CREATE OR REPLACE VIEW x.g AS
 SELECT t.id,
    t.n
   FROM x.t
  GROUP BY t.id;


--
-- Name: t t1; Type: TRIGGER; Schema: x; Owner: orbit
--

CREATE TRIGGER t1 BEFORE INSERT OR UPDATE OF n ON x.t FOR EACH ROW WHEN ((new.n IS NOT NULL)) EXECUTE FUNCTION x.tf('a', 'b''c');

ALTER TABLE x.t ENABLE ALWAYS TRIGGER t1;


--
-- Name: TRIGGER t1 ON t; Type: COMMENT; Schema: x; Owner: orbit
--

COMMENT ON TRIGGER t1 ON x.t IS 'first';


--
-- Name: t t2; Type: TRIGGER; Schema: x; Owner: orbit
--

CREATE TRIGGER t2 AFTER DELETE ON x.t FOR EACH STATEMENT EXECUTE FUNCTION x.tf();

ALTER TABLE x.t DISABLE TRIGGER t2;


--
-- Name: t t3; Type: TRIGGER; Schema: x; Owner: orbit
--

CREATE CONSTRAINT TRIGGER t3 AFTER INSERT ON x.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION x.tf();


--
-- Name: v vi; Type: TRIGGER; Schema: x; Owner: orbit
--

CREATE TRIGGER vi INSTEAD OF INSERT ON x.v FOR EACH ROW EXECUTE FUNCTION x.vf();


--
-- PostgreSQL database dump complete
--


