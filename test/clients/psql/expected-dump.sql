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
-- Name: Odd Name; Type: SCHEMA; Schema: -; Owner: orbit
--

CREATE SCHEMA "Odd Name";


ALTER SCHEMA "Odd Name" OWNER TO orbit;

--
-- Name: shop; Type: SCHEMA; Schema: -; Owner: orbit
--

CREATE SCHEMA shop;


ALTER SCHEMA shop OWNER TO orbit;

--
-- Name: SCHEMA shop; Type: COMMENT; Schema: -; Owner: orbit
--

COMMENT ON SCHEMA shop IS 'the shop';


--
-- Name: address; Type: TYPE; Schema: shop; Owner: orbit
--

CREATE TYPE shop.address AS (
	street text,
	house integer,
	tags text[]
);


ALTER TYPE shop.address OWNER TO orbit;

--
-- Name: email; Type: DOMAIN; Schema: shop; Owner: orbit
--

CREATE DOMAIN shop.email AS text COLLATE pg_catalog."C" NOT NULL
	CONSTRAINT email_check CHECK ((VALUE ~~ '%@%'::text));


ALTER DOMAIN shop.email OWNER TO orbit;

--
-- Name: mood; Type: TYPE; Schema: shop; Owner: orbit
--

CREATE TYPE shop.mood AS ENUM (
    'calm',
    'busy',
    'it''s "odd"'
);


ALTER TYPE shop.mood OWNER TO orbit;

--
-- Name: TYPE mood; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON TYPE shop.mood IS 'how it goes';


--
-- Name: positive; Type: DOMAIN; Schema: shop; Owner: orbit
--

CREATE DOMAIN shop.positive AS integer DEFAULT 1
	CONSTRAINT must_be_positive CHECK ((VALUE > 0));


ALTER DOMAIN shop.positive OWNER TO orbit;

--
-- Name: DOMAIN positive; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON DOMAIN shop.positive IS 'above zero';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: Weird Table; Type: TABLE; Schema: Odd Name; Owner: rich_owner
--

CREATE TABLE "Odd Name"."Weird Table" (
    "select" integer,
    "With ""Quote" text DEFAULT 'it''s'::text,
    "Größe" double precision
);


ALTER TABLE "Odd Name"."Weird Table" OWNER TO rich_owner;

--
-- Name: plain; Type: TABLE; Schema: public; Owner: orbit
--

CREATE TABLE public.plain (
    a integer,
    b bigint,
    c smallint,
    d real,
    e double precision,
    f boolean,
    g uuid,
    h inet,
    i interval,
    j time without time zone,
    k time with time zone,
    l json,
    m money,
    n "char",
    o name,
    p oid,
    r int4range,
    s bit varying(8),
    w numeric
);


ALTER TABLE public.plain OWNER TO orbit;

--
-- Name: author; Type: TABLE; Schema: shop; Owner: orbit
--

CREATE TABLE shop.author (
    id integer NOT NULL,
    name character varying(40) NOT NULL,
    born date,
    mail shop.email,
    mood shop.mood DEFAULT 'calm'::shop.mood,
    home shop.address,
    tags text[] DEFAULT '{}'::text[]
);

ALTER TABLE ONLY shop.author REPLICA IDENTITY FULL;


ALTER TABLE shop.author OWNER TO orbit;

--
-- Name: TABLE author; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON TABLE shop.author IS 'who writes';


--
-- Name: COLUMN author.name; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON COLUMN shop.author.name IS 'as printed';


--
-- Name: author_id_seq; Type: SEQUENCE; Schema: shop; Owner: orbit
--

CREATE SEQUENCE shop.author_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


ALTER TABLE shop.author_id_seq OWNER TO orbit;

--
-- Name: author_id_seq; Type: SEQUENCE OWNED BY; Schema: shop; Owner: orbit
--

ALTER SEQUENCE shop.author_id_seq OWNED BY shop.author.id;


--
-- Name: book; Type: TABLE; Schema: shop; Owner: orbit
--

CREATE TABLE shop.book (
    id integer NOT NULL,
    author_id integer NOT NULL,
    second_author integer,
    title text NOT NULL,
    isbn text COLLATE pg_catalog."C",
    price numeric(8,2) DEFAULT 9.99,
    pages shop.positive,
    doc jsonb DEFAULT '{"lang": "en"}'::jsonb,
    added timestamp with time zone DEFAULT now(),
    net numeric GENERATED ALWAYS AS ((price / 1.2)) STORED,
    kind character(3) DEFAULT 'abc'::bpchar,
    flags bit(4),
    CONSTRAINT book_price_check CHECK ((price >= (0)::numeric)),
    CONSTRAINT book_title_check CHECK ((title <> ''::text)),
    CONSTRAINT kind_known CHECK (
CASE
    WHEN (kind IS NULL) THEN true
    ELSE (kind = ANY (ARRAY['abc'::bpchar, 'def'::bpchar]))
END)
);
ALTER TABLE ONLY shop.book ALTER COLUMN title SET STATISTICS 500;
ALTER TABLE ONLY shop.book ALTER COLUMN doc SET STORAGE EXTERNAL;


ALTER TABLE shop.book OWNER TO orbit;

--
-- Name: book_id_seq; Type: SEQUENCE; Schema: shop; Owner: orbit
--

ALTER TABLE shop.book ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME shop.book_id_seq
    START WITH 100
    INCREMENT BY 10
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: cache; Type: TABLE; Schema: shop; Owner: orbit
--

CREATE UNLOGGED TABLE shop.cache (
    k integer NOT NULL,
    v bytea
)
WITH (fillfactor='70');


ALTER TABLE shop.cache OWNER TO orbit;

--
-- Name: cache_k_seq; Type: SEQUENCE; Schema: shop; Owner: orbit
--

ALTER TABLE shop.cache ALTER COLUMN k ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME shop.cache_k_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: counter; Type: SEQUENCE; Schema: shop; Owner: orbit
--

CREATE SEQUENCE shop.counter
    AS smallint
    START WITH 20
    INCREMENT BY 5
    MINVALUE 10
    MAXVALUE 1000
    CACHE 1
    CYCLE;


ALTER TABLE shop.counter OWNER TO orbit;

--
-- Name: SEQUENCE counter; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON SEQUENCE shop.counter IS 'counts';


--
-- Name: place; Type: TABLE; Schema: shop; Owner: orbit
--

CREATE TABLE shop.place (
    a integer NOT NULL,
    b integer NOT NULL,
    c text
);


ALTER TABLE shop.place OWNER TO orbit;

--
-- Name: secure; Type: VIEW; Schema: shop; Owner: orbit
--

CREATE VIEW shop.secure WITH (security_barrier='true') AS
 SELECT author.id,
    author.name
   FROM shop.author
  WHERE (author.id > 0)
  WITH CASCADED CHECK OPTION;


ALTER TABLE shop.secure OWNER TO orbit;

--
-- Name: summary; Type: MATERIALIZED VIEW; Schema: shop; Owner: orbit
--

CREATE MATERIALIZED VIEW shop.summary AS
 SELECT a.id,
    a.name,
    ( SELECT count(*) AS count
           FROM shop.book b
          WHERE (b.author_id = a.id)) AS books
   FROM shop.author a
  WITH NO DATA;


ALTER TABLE shop.summary OWNER TO orbit;

--
-- Name: MATERIALIZED VIEW summary; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON MATERIALIZED VIEW shop.summary IS 'kept';


--
-- Name: ties; Type: VIEW; Schema: shop; Owner: orbit
--

CREATE VIEW shop.ties AS
 SELECT author.id
   FROM shop.author
  ORDER BY author.mood
 FETCH FIRST (2) ROWS WITH TIES;


ALTER TABLE shop.ties OWNER TO orbit;

--
-- Name: titles; Type: VIEW; Schema: shop; Owner: orbit
--

CREATE VIEW shop.titles AS
 SELECT b.title,
    a.name,
    b.price
   FROM (shop.book b
     JOIN shop.author a ON ((a.id = b.author_id)))
  WHERE (b.price > (5)::numeric);


ALTER TABLE shop.titles OWNER TO orbit;

--
-- Name: VIEW titles; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON VIEW shop.titles IS 'titles and names';


--
-- Name: totals; Type: VIEW; Schema: shop; Owner: orbit
--

CREATE VIEW shop.totals AS
 SELECT book.author_id,
    sum(book.price) AS total,
    count(*) AS count
   FROM shop.book
  GROUP BY book.author_id
 HAVING (count(*) > 0)
  ORDER BY (sum(book.price)) DESC;


ALTER TABLE shop.totals OWNER TO orbit;

--
-- Name: visit; Type: TABLE; Schema: shop; Owner: orbit
--

CREATE TABLE shop.visit (
    a integer,
    b integer,
    at timestamp(3) without time zone
);


ALTER TABLE shop.visit OWNER TO orbit;

--
-- Name: author id; Type: DEFAULT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.author ALTER COLUMN id SET DEFAULT nextval('shop.author_id_seq'::regclass);


--
-- Data for Name: Weird Table; Type: TABLE DATA; Schema: Odd Name; Owner: rich_owner
--

COPY "Odd Name"."Weird Table" ("select", "With ""Quote", "Größe") FROM stdin;
1	a	NaN
2	line\nbreak	-Infinity
\.


--
-- Data for Name: plain; Type: TABLE DATA; Schema: public; Owner: orbit
--

COPY public.plain (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, r, s, w) FROM stdin;
1	9007199254740993	\N	\N	\N	t	00000000-0000-0000-0000-000000000001	\N	1 mon 2 days 03:04:05	\N	\N	{"a" : 1}	\N	\N	\N	\N	\N	\N	1.500
\.


--
-- Data for Name: author; Type: TABLE DATA; Schema: shop; Owner: orbit
--

COPY shop.author (id, name, born, mail, mood, home, tags) FROM stdin;
1	Ada	1815-12-10	ada@example.com	busy	("Main St",1,"{a,""b c""}")	{x,NULL,"y,z"}
2	Grace	\N	g@example.com	it's "odd"	\N	\N
\.


--
-- Data for Name: book; Type: TABLE DATA; Schema: shop; Owner: orbit
--

COPY shop.book (id, author_id, second_author, title, isbn, price, pages, doc, added, kind, flags) FROM stdin;
100	1	\N	Notes\twith tab\\	\N	9.50	10	{"lang": "en"}	2024-02-29 12:00:00+00	abc	1010
110	2	\N	Compilers	\N	20.00	300	{"lang": "en"}	2024-03-01 00:00:00+00	abc	\N
\.


--
-- Data for Name: cache; Type: TABLE DATA; Schema: shop; Owner: orbit
--

COPY shop.cache (k, v) FROM stdin;
1	\\x00ff
2	\N
\.


--
-- Data for Name: place; Type: TABLE DATA; Schema: shop; Owner: orbit
--

COPY shop.place (a, b, c) FROM stdin;
1	2	x
3	4	\N
\.


--
-- Data for Name: visit; Type: TABLE DATA; Schema: shop; Owner: orbit
--

COPY shop.visit (a, b, at) FROM stdin;
1	2	2024-02-29 12:00:00.123
\N	\N	\N
\.


--
-- Name: author_id_seq; Type: SEQUENCE SET; Schema: shop; Owner: orbit
--

SELECT pg_catalog.setval('shop.author_id_seq', 2, true);


--
-- Name: book_id_seq; Type: SEQUENCE SET; Schema: shop; Owner: orbit
--

SELECT pg_catalog.setval('shop.book_id_seq', 110, true);


--
-- Name: cache_k_seq; Type: SEQUENCE SET; Schema: shop; Owner: orbit
--

SELECT pg_catalog.setval('shop.cache_k_seq', 2, true);


--
-- Name: counter; Type: SEQUENCE SET; Schema: shop; Owner: orbit
--

SELECT pg_catalog.setval('shop.counter', 20, false);


--
-- Name: author author_name_born_key; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.author
    ADD CONSTRAINT author_name_born_key UNIQUE (name, born);


--
-- Name: author author_pkey; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.author
    ADD CONSTRAINT author_pkey PRIMARY KEY (id);


--
-- Name: book book_pk; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.book
    ADD CONSTRAINT book_pk PRIMARY KEY (id);

ALTER TABLE shop.book CLUSTER ON book_pk;


--
-- Name: cache cache_pkey; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.cache
    ADD CONSTRAINT cache_pkey PRIMARY KEY (k);


--
-- Name: visit later; Type: CHECK CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE shop.visit
    ADD CONSTRAINT later CHECK ((a > 0)) NOT VALID;


--
-- Name: CONSTRAINT later ON visit; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON CONSTRAINT later ON shop.visit IS 'for new rows';


--
-- Name: place place_c_key; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.place
    ADD CONSTRAINT place_c_key UNIQUE NULLS NOT DISTINCT (c);


--
-- Name: place place_pkey; Type: CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.place
    ADD CONSTRAINT place_pkey PRIMARY KEY (a, b) INCLUDE (c);


--
-- Name: author_mood_hash; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE INDEX author_mood_hash ON shop.author USING hash (name);


--
-- Name: book_author; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE INDEX book_author ON shop.book USING btree (author_id, price DESC NULLS LAST) INCLUDE (title);


--
-- Name: INDEX book_author; Type: COMMENT; Schema: shop; Owner: orbit
--

COMMENT ON INDEX shop.book_author IS 'by author';


--
-- Name: book_title_lower; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE INDEX book_title_lower ON shop.book USING btree (lower(title) text_pattern_ops, ((price * (2)::numeric))) WHERE ((price > (10)::numeric) AND (title IS NOT NULL));


--
-- Name: book_title_unique; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE UNIQUE INDEX book_title_unique ON shop.book USING btree (title COLLATE "C", id);


--
-- Name: summary_id; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE UNIQUE INDEX summary_id ON shop.summary USING btree (id);


--
-- Name: visit_at; Type: INDEX; Schema: shop; Owner: orbit
--

CREATE INDEX visit_at ON shop.visit USING btree (at NULLS FIRST) WITH (fillfactor='80');


--
-- Name: book book_author_id_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.book
    ADD CONSTRAINT book_author_id_fkey FOREIGN KEY (author_id) REFERENCES shop.author(id) ON DELETE CASCADE;


--
-- Name: book book_second_author_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.book
    ADD CONSTRAINT book_second_author_fkey FOREIGN KEY (second_author) REFERENCES shop.author(id) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED;


--
-- Name: visit visit_a_b_fkey; Type: FK CONSTRAINT; Schema: shop; Owner: orbit
--

ALTER TABLE ONLY shop.visit
    ADD CONSTRAINT visit_a_b_fkey FOREIGN KEY (a, b) REFERENCES shop.place(a, b) MATCH FULL ON UPDATE CASCADE ON DELETE SET DEFAULT;


--
-- Name: summary; Type: MATERIALIZED VIEW DATA; Schema: shop; Owner: orbit
--

REFRESH MATERIALIZED VIEW shop.summary;


--
-- PostgreSQL database dump complete
--


