BEGIN TRANSACTION;
CREATE TABLE answers (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    verdict TEXT NOT NULL,
    model TEXT NOT NULL,
    model_version TEXT NOT NULL,
    response_id TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    message TEXT NOT NULL,
    text TEXT NOT NULL,
    pictures TEXT NOT NULL, -- JSON: a list of bot.domain.answers.Picture
    usage TEXT NOT NULL, -- JSON: bot.domain.answers.Usage
    safety TEXT NOT NULL, -- JSON
    content TEXT, -- JSON: the model's content verbatim, each image's data replaced by its blob's name
    image_id TEXT REFERENCES images (id),
    PRIMARY KEY (job_id, position)
);
INSERT INTO "answers" VALUES('job00004',0,'picture','gemini-nano-banana-2.1','2.1','r-1','STOP','','Here it is.','[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/jpeg","size":1500000,"thought":false},{"sha256":"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd","mime":"image/png","size":3,"thought":true}]','{"prompt":12,"output":1120,"output_images":1120,"thoughts":0,"total":1200}','[{"category":"HARM_CATEGORY_X","probability":"LOW"}]','{"role":"model","parts":[{"inlineData":{"blob":"abababababababababababababababababababababababababababababababab"},"thoughtSignature":"c2ln"}]}','job00004p0');
CREATE TABLE attempts (
    id TEXT NOT NULL PRIMARY KEY, -- of the interaction or message: delivered twice, it counts once
    guild_id BIGINT NOT NULL, -- 0: in direct messages
    channel_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    rule TEXT NOT NULL,
    entries TEXT NOT NULL, -- JSON: which entries of the lists were found
    what TEXT NOT NULL, -- prompt, or what kind of name
    text TEXT NOT NULL, -- JSON: what was written
    kept_until BIGINT NOT NULL
);
INSERT INTO "attempts" VALUES('attempt1',700,600,211000000000000001,1790000000001,'server_list','["pine apple","Gr\u00fc\u00dfe \ud83c\udf4d"]','prompt','"a p1ne\u0000apple \ud800"',1790000001000);
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT,
    actor_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    data TEXT NOT NULL -- JSON
, number BIGINT, salt TEXT, seal TEXT, hash TEXT);
INSERT INTO "audit" VALUES('001a0c4506c01-tail1',700,300,1790000000001,'style.created','Harbour','{"after":{"name":"H\u00e4fen"},"list":[1,null]}',1,'8ba926f58a6522ddef2de8c0d6ee0582','0707ae3cb1b40f86afd25dbe9e3bbe4f594f77e07f033558c13193c9141260c1','eccdea5c4566a2fc4ff691d4a5aa6da1866580e4d9c4aeb32d01dbe33b7be68b');
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO "audit_head" VALUES(1,1,'eccdea5c4566a2fc4ff691d4a5aa6da1866580e4d9c4aeb32d01dbe33b7be68b');
CREATE TABLE bans (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL, -- 0: everywhere
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    ends_at BIGINT, -- NULL: for good
    case_id TEXT REFERENCES cases (id),
    lifted_at BIGINT,
    lifted_by BIGINT,
    appeal TEXT,
    appealed_at BIGINT,
    answered_at BIGINT,
    answered_by BIGINT,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CHECK ((appeal IS NULL) = (appealed_at IS NULL))
);
INSERT INTO "bans" VALUES('banbbb1',700,211000000000000001,1790000000001,301,'again',1790604800000,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE blocked_pictures (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL, -- 0: everywhere, by the operator
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    hashes TEXT NOT NULL, -- bot.domain.picture_hashes
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    blocked_by BIGINT NOT NULL,
    UNIQUE (guild_id, sha256)
);
INSERT INTO "blocked_pictures" VALUES('blocked1',700,'abababababababababababababababababababababababababababababababab','0000000000000000000000000000000000000000000000000000000000000000 ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff 0000000000000000000000000000000000000000000000000000000000003039','not again, bitte 🍍',1790000000001,300);
CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    image_id TEXT NOT NULL UNIQUE REFERENCES images (id), -- one case for each image
    member_id BIGINT NOT NULL, -- who made the image
    reason TEXT NOT NULL, -- bot.domain.cases.Reason, the gravest
    gravity BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'removed')),
    reports BIGINT NOT NULL CHECK (reports >= 0),
    turn BIGINT NOT NULL CHECK (turn >= 0), -- counts what moderators did
    claimed_by BIGINT,
    claimed_at BIGINT,
    decision TEXT,
    decided_by BIGINT,
    decided_at BIGINT,
    reports_decided BIGINT NOT NULL,
    blocked BIGINT NOT NULL CHECK (blocked IN (0, 1)),
    channel_id BIGINT,
    message_id BIGINT,
    reminded_at BIGINT,
    UNIQUE (guild_id, number),
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK (state = 'open' OR decided_at IS NOT NULL)
);
INSERT INTO "cases" VALUES('casebb1',700,1,'job00004p0',211000000000000001,'spam',0,1790000000001,1790000000009,'dismissed',1,1,NULL,NULL,'dismiss',301,1790000000009,1,0,NULL,NULL,NULL);
CREATE TABLE character_pictures (
    character_id TEXT NOT NULL REFERENCES characters (id) ON DELETE CASCADE,
    position BIGINT NOT NULL CHECK (position >= 0),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    mime TEXT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    image_id TEXT, -- the image that it was taken from, which may be erased since: no foreign key
    PRIMARY KEY (character_id, position)
);
INSERT INTO "character_pictures" VALUES('cbbbmia',0,'abababababababababababababababababababababababababababababababab','image/png',12,NULL);
INSERT INTO "character_pictures" VALUES('cbbbmia',1,'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd','image/jpeg',34,'job00001p0');
CREATE TABLE characters (
    id TEXT NOT NULL PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    name_key TEXT NOT NULL,
    name TEXT NOT NULL,
    guild_id BIGINT, -- the server that it is shared with
    consent BIGINT NOT NULL CHECK (consent IN (0, 1)),
    created_at BIGINT NOT NULL,
    UNIQUE (owner_id, name_key)
);
INSERT INTO "characters" VALUES('cbbbmia',211000000000000001,'mia','Mia',700,1,1790000000000);
CREATE TABLE conversation_members (
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    member_id BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, member_id)
);
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    place_id BIGINT, -- the thread, or the direct messages, nothing while it is being opened
    channel_id BIGINT NOT NULL,
    guild_id BIGINT,
    owner_id BIGINT NOT NULL,
    participants TEXT NOT NULL,
    model TEXT NOT NULL,
    private BIGINT NOT NULL CHECK (private IN (0, 1)),
    head TEXT, -- a turn
    moves BIGINT NOT NULL CHECK (moves >= 0),
    turns BIGINT NOT NULL CHECK (turns >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT,
    ending TEXT,
    CHECK ((ended_at IS NULL) = (ending IS NULL))
);
CREATE TABLE deliveries (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'pending', 'sent', 'kept')),
    updated_at BIGINT NOT NULL,
    card_message_id BIGINT,
    way TEXT,
    channel_id BIGINT,
    message_id BIGINT,
    tries BIGINT NOT NULL CHECK (tries >= 0)
, lease_owner TEXT, lease_until BIGINT);
INSERT INTO "deliveries" VALUES('job00001','open',1790000000001,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "deliveries" VALUES('job00002','open',1790000000002,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "deliveries" VALUES('job00003','open',1790000000003,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO "deliveries" VALUES('job00004','sent',1790000000000,5,'token',6,7,1,NULL,NULL);
INSERT INTO "deliveries" VALUES('job00005','kept',1790000000000,NULL,NULL,NULL,NULL,3,NULL,NULL);
CREATE TABLE departures (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE TABLE erasures (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id < 0),
    member_id BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    erased_at BIGINT
);
CREATE TABLE exports (
    member_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE TABLE freed_files (
    sha256 TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
INSERT INTO "freed_files" VALUES('abababababababababababababababababababababababababababababababab',1790000000000);
CREATE TABLE grants (
    grant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    guild_id BIGINT NOT NULL, -- 0 outside of servers
    member_id BIGINT NOT NULL,
    images BIGINT NOT NULL,
    at BIGINT NOT NULL,
    charged_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    job_id TEXT REFERENCES jobs (id),
    actor_id BIGINT,
    reason TEXT NOT NULL,
    CHECK (
        (kind = 'grant' AND images > 0 AND job_id IS NULL AND actor_id IS NOT NULL)
        OR (kind = 'carry' AND images >= 0 AND job_id IS NULL)
        OR (kind = 'draw' AND images < 0 AND job_id IS NOT NULL)
        OR (kind = 'return' AND images > 0 AND job_id IS NOT NULL)
        OR (kind = 'revoke' AND images <= 0 AND job_id IS NULL AND actor_id IS NOT NULL)
    )
);
CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    owner_id BIGINT NOT NULL,
    guild_id BIGINT,
    private BIGINT NOT NULL CHECK (private IN (0, 1)),
    sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
    mime TEXT NOT NULL,
    width BIGINT NOT NULL CHECK (width > 0),
    height BIGINT NOT NULL CHECK (height > 0),
    size BIGINT NOT NULL CHECK (size >= 0),
    created_at BIGINT NOT NULL,
    parent TEXT, -- the image that it was made from, which may be erased since: no foreign key
    deleted_at BIGINT,
    deleted_by BIGINT, withheld TEXT CHECK (withheld IN ('hidden', 'removed')), forgotten_at BIGINT,
    CHECK ((deleted_at IS NULL) = (deleted_by IS NULL)),
    UNIQUE (job_id, position)
);
INSERT INTO "images" VALUES('job00004p0','job00004',0,211000000000000001,NULL,1,'abababababababababababababababababababababababababababababababab','image/jpeg',1024,768,1500000,1790000000000,'k7f3q9z',NULL,NULL,NULL,NULL);
CREATE TABLE job_events (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    number BIGINT NOT NULL, -- counts the events of a job from 1
    at BIGINT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (job_id, number)
);
INSERT INTO "job_events" VALUES('job00001',1,1790000000001,'created','');
INSERT INTO "job_events" VALUES('job00002',1,1790000000002,'running','');
INSERT INTO "job_events" VALUES('job00003',1,1790000000000,'storing','');
INSERT INTO "job_events" VALUES('job00004',1,1790000000000,'succeeded','');
INSERT INTO "job_events" VALUES('job00005',1,1790000000005,'failed','');
CREATE TABLE job_messages (
    message_id BIGINT NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id),
    pictures BIGINT NOT NULL CHECK (pictures IN (0, 1)),
    PRIMARY KEY (message_id, job_id)
);
INSERT INTO "job_messages" VALUES(78,'job00002',0);
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('created', 'running', 'storing', 'succeeded', 'failed')),
    request TEXT NOT NULL, -- JSON: bot.domain.requests.Request
    origin_key TEXT NOT NULL UNIQUE, -- a second delivery of the same interaction is the same job
    application_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    guild_id BIGINT,
    channel_id BIGINT NOT NULL,
    token TEXT, -- a secret, removed once it is too old to be of use
    token_at BIGINT NOT NULL,
    upload_limit BIGINT NOT NULL CHECK (upload_limit >= 0),
    direct BIGINT NOT NULL CHECK (direct IN (0, 1)),
    locale TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    lease_owner TEXT,
    lease_until BIGINT,
    failure_code TEXT,
    failure_message TEXT,
    failure_reference TEXT,
    cost_micros BIGINT CHECK (cost_micros >= 0), kind TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '', place_locale TEXT NOT NULL DEFAULT 'en-US', priority INTEGER NOT NULL DEFAULT 0, max_running INTEGER NULL, model TEXT NOT NULL DEFAULT '', size TEXT NOT NULL DEFAULT '', images BIGINT NOT NULL DEFAULT 1, fallback TEXT, cancelled_at BIGINT, message_id BIGINT, conversation TEXT, turn BIGINT NOT NULL DEFAULT 0, forgotten_at BIGINT,
    -- A job at work without a lease would never be found again after a crash.
    CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
    CHECK ((state IN ('running', 'storing')) = (lease_owner IS NOT NULL)),
    CHECK ((state IN ('succeeded', 'failed')) = (finished_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failure_code IS NOT NULL)),
    CHECK (cost_micros IS NULL OR state = 'succeeded')
);
INSERT INTO "jobs" VALUES('job00001','created','{"kind":"edit","prompt":"a red lighthouse at dusk","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/png","size":12345}],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null}','interaction:1',900,211000000000000001,700,600,'token-1',1790000000001,10485760,0,'en-US',1790000000001,1790000000001,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,'edit','a red lighthouse at dusk','en-US',0,NULL,'gemini-nano-banana-2.1','1K',2,NULL,NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES('job00002','running','{"kind":"edit","prompt":"a red lighthouse at dusk","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/png","size":12345}],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null}','interaction:2',900,211000000000000001,700,600,'token-2',1790000000002,10485760,0,'en-US',1790000000002,1790000000002,1790000000000,NULL,1,'worker',1790000060000,NULL,NULL,NULL,NULL,'edit','a red lighthouse at dusk','en-US',0,NULL,'gemini-nano-banana-2.1','1K',2,NULL,NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES('job00003','storing','{"kind":"edit","prompt":"a red lighthouse at dusk","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/png","size":12345}],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null}','interaction:3',900,211000000000000001,700,600,'token-3',1790000000003,10485760,0,'en-US',1790000000003,1790000000000,1790000000000,NULL,1,'worker',1790000060000,NULL,NULL,NULL,NULL,'edit','a red lighthouse at dusk','en-US',0,NULL,'gemini-nano-banana-2.1','1K',2,NULL,NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES('job00004','succeeded','{"kind":"edit","prompt":"a red lighthouse at dusk","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/png","size":12345}],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null}','interaction:4',900,211000000000000001,700,600,'token-4',1790000000004,10485760,0,'en-US',1790000000004,1790000000000,1790000000000,1790000000000,1,NULL,NULL,NULL,NULL,NULL,67,'edit','a red lighthouse at dusk','en-US',0,NULL,'gemini-nano-banana-2.1','1K',2,NULL,NULL,NULL,NULL,0,NULL);
INSERT INTO "jobs" VALUES('job00005','failed','{"kind":"edit","prompt":"","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null}','interaction:5',900,211000000000000001,700,600,'token-5',1790000000005,10485760,0,'en-US',1790000000005,1790000000005,NULL,1790000000005,0,NULL,NULL,'safety','No.','f00f',NULL,'edit','','en-US',0,NULL,'gemini-nano-banana-2.1','1K',2,NULL,NULL,NULL,NULL,0,NULL);
CREATE TABLE lanes (
    model TEXT NOT NULL PRIMARY KEY,
    paused_until BIGINT NOT NULL, -- nothing is begun before
    at_once BIGINT, -- jobs at work at most, while its failures make it doubtful
    per_minute BIGINT, -- calls at most
    data TEXT NOT NULL
);
CREATE TABLE ledger (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    kind TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    guild_id BIGINT,
    charged_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    reserved_images BIGINT NOT NULL,
    reserved_micros BIGINT NOT NULL,
    settled_images BIGINT NOT NULL CHECK (settled_images >= 0),
    settled_micros BIGINT NOT NULL CHECK (settled_micros >= 0), stranger BIGINT NOT NULL DEFAULT 0 CHECK (stranger IN (0, 1)),
    CHECK (
        (kind = 'reserve' AND reserved_images >= 0 AND reserved_micros >= 0
            AND settled_images = 0 AND settled_micros = 0)
        OR (kind = 'settle' AND reserved_images <= 0 AND reserved_micros <= 0
            AND settled_images <= -reserved_images)
        OR (kind = 'release' AND reserved_images <= 0 AND reserved_micros <= 0
            AND settled_images = 0 AND settled_micros = 0)
    )
);
INSERT INTO "ledger" VALUES('job00001','reserve',211000000000000001,700,1790000000001,1790000000001,2,100,0,0,0);
INSERT INTO "ledger" VALUES('job00002','reserve',211000000000000001,700,1790000000002,1790000000002,2,100,0,0,0);
INSERT INTO "ledger" VALUES('job00003','reserve',211000000000000001,700,1790000000003,1790000000003,2,100,0,0,0);
INSERT INTO "ledger" VALUES('job00004','reserve',211000000000000001,700,1790000000004,1790000000004,2,100,0,0,0);
INSERT INTO "ledger" VALUES('job00005','reserve',211000000000000001,700,1790000000005,1790000000005,2,100,0,0,0);
INSERT INTO "ledger" VALUES('job00004','settle',211000000000000001,700,1790000000004,1790000000000,-2,-100,1,67,0);
INSERT INTO "ledger" VALUES('job00005','release',211000000000000001,700,1790000000005,1790000000000,-2,-100,0,0,0);
CREATE TABLE ledger_sums (
    account TEXT NOT NULL CHECK (account IN ('member', 'server', 'bot', 'strangers')),
    account_id BIGINT NOT NULL, -- 0 for the bot and for strangers
    quarter BIGINT NOT NULL,
    images BIGINT NOT NULL,
    micros BIGINT NOT NULL,
    PRIMARY KEY (account, account_id, quarter)
);
INSERT INTO "ledger_sums" VALUES('member',211000000000000001,1789999200000,7,367);
INSERT INTO "ledger_sums" VALUES('server',700,1789999200000,7,367);
INSERT INTO "ledger_sums" VALUES('bot',0,1789999200000,7,367);
CREATE TABLE losses (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    guild_id BIGINT,
    charged_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    micros BIGINT NOT NULL CHECK (micros > 0),
    stranger BIGINT NOT NULL CHECK (stranger IN (0, 1))
);
CREATE TABLE member_notes (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    written_by BIGINT NOT NULL,
    text TEXT NOT NULL
);
INSERT INTO "member_notes" VALUES('note1',700,211000000000000001,1790000000000,301,'Grüße');
CREATE TABLE member_settings (
    member_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO "member_settings" VALUES(211000000000000001,'{"model":null,"ratio":"16:9","size":null,"count":1,"private":true,"spoiler":false,"locale":null}',1790000000000);
CREATE TABLE memberships (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    tier TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    PRIMARY KEY (guild_id, member_id, tier)
);
CREATE TABLE notices (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    version BIGINT NOT NULL,
    due_at BIGINT,
    tries BIGINT NOT NULL,
    data TEXT NOT NULL, -- JSON
    failure TEXT NOT NULL,
    PRIMARY KEY (kind, subject)
);
INSERT INTO "notices" VALUES('card','casebb1',1,1790000000000,0,'{"list":[1]}','');
CREATE TABLE postings (
    message_id BIGINT NOT NULL PRIMARY KEY,
    channel_id BIGINT NOT NULL,
    image_id TEXT NOT NULL REFERENCES images (id),
    at BIGINT NOT NULL
);
CREATE TABLE presets (
    guild_id BIGINT NOT NULL,
    name_key TEXT NOT NULL, -- the name as it is compared: bot.domain.presets.folded
    name TEXT NOT NULL,
    data TEXT NOT NULL, -- JSON: bot.domain.presets.Preset
    version BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL,
    PRIMARY KEY (guild_id, name_key)
);
INSERT INTO "presets" VALUES(700,'harbour','Harbour','{"name":"Harbour","title":"Harbour","description":"Our harbour in the evening","template":{"prefix":"For our newsletter.","goal":"","scene":"a {size=small} harbour","camera":"","style":"","constraints":"","suffix":"Keep it calm."},"category":"own","ratio":"16:9","model":"pro","avoid":["crowds"],"lettering":false}',1,1790000000000,300,1790000000001,301);
CREATE TABLE reports (
    case_id TEXT NOT NULL REFERENCES cases (id),
    reporter_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    wants_outcome BIGINT NOT NULL CHECK (wants_outcome IN (0, 1)),
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, reporter_id) -- one report for each person and image
);
INSERT INTO "reports" VALUES('casebb1',401,'spam','Schon wieder 🍌',1,1790000000000);
CREATE TABLE resets (
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (guild_id, member_id, at)
);
CREATE TABLE retractions (
    job_id TEXT NOT NULL PRIMARY KEY REFERENCES jobs (id),
    at BIGINT NOT NULL,
    pictures BIGINT NOT NULL CHECK (pictures IN (0, 1)), -- only the pictures that were taken from it
    due BIGINT NOT NULL CHECK (due IN (0, 1)), -- it has not been carried out yet
    kept TEXT -- JSON: bot.domain.retractions.Kept
);
INSERT INTO "retractions" VALUES('job00005',1790000000000,0,0,'{"request":{"kind":"edit","prompt":"a red lighthouse at dusk","options":{"model":"gemini-nano-banana-2.1","ratio":"16:9","size":"1K","count":2,"seed":7},"references":[{"sha256":"abababababababababababababababababababababababababababababababab","mime":"image/png","size":12345}],"frame":[],"remarks":[],"parent":null,"variation":0,"private":false,"spoiler":false,"consent":false,"better_with":"","pressed":false,"style":"","unit":"dollars","credit_micros":10000,"conversation":null,"turn":0,"earlier":0,"age_restricted":false,"safety":[],"people":null,"brought_in":[],"pictures_gone":false,"fallback":null},"texts":{}}');
INSERT INTO "retractions" VALUES('job00002',1790000000000,0,1,NULL);
CREATE TABLE schema_migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    applied_at BIGINT NOT NULL
);
INSERT INTO "schema_migrations" VALUES(1,'0001_initial','ee71895580186de71f0f40c770dc441fdaaddfd8f329aacdde332374e5b4ba79',1795278650728);
INSERT INTO "schema_migrations" VALUES(2,'0002_settings_presets_characters','32baa4caaa80ad1ed35855d2d9127801d9231445b72759a25f40af367730d747',1795278650731);
INSERT INTO "schema_migrations" VALUES(3,'0003_gallery','26e132466a6dea0befcb8c7b2f5c32e54d5e6fb6c2b3b720450d73bd8777a402',1795278650734);
INSERT INTO "schema_migrations" VALUES(4,'0004_place_locale','68aa72aafcdc1361afb5d685abd37b981574fd3360a9777039397fbcf0162960',1795278650736);
INSERT INTO "schema_migrations" VALUES(5,'0005_rules','bbe779374a087cdc82ca0b21fe4d5d1b0b4557ceb2564b273b114e6d7203cbe3',1795278650737);
INSERT INTO "schema_migrations" VALUES(6,'0006_caps','e8a6498cc9b2d78a9c934afa916944342d3409fb592472685dc4e00b27943ab8',1795278650742);
INSERT INTO "schema_migrations" VALUES(7,'0007_moderation','cfaa93e19d3101801c2fec0c7b75a633e1129cbc2b1c9169764fb063afdbddf6',1795278650751);
INSERT INTO "schema_migrations" VALUES(8,'0008_queue','b3696d602b32b343780893df1227167cef81c8321e64a6e6c64fd7a0737c597c',1795278650757);
INSERT INTO "schema_migrations" VALUES(9,'0009_conversations','0630daa492d9a33948d1452c486258003cc4592680c2996a67ee6b65936af68a',1795278650767);
INSERT INTO "schema_migrations" VALUES(10,'0010_privacy','42f3279effc123cf94f79949cb74412e197db1134652fbb7096421da8454ee12',1795278650774);
INSERT INTO "schema_migrations" VALUES(11,'0011_delivery_leases','c97c0b61978bc13661bbd6203cff65eee6b8e3e28939924e7db544fb6dff9fab',1795278650778);
INSERT INTO "schema_migrations" VALUES(12,'0012_jobs_by_state','fe4246df2c64a1cbfcd54a6263c2d0e85c6358ea691fe030bfb90b3afca52d0b',1795278650780);
INSERT INTO "schema_migrations" VALUES(13,'0013_servers_and_names','60a42552ecb3aa020e9e629a1b14694fc90f4ea4013a1a5a0b248aac02472a6f',1795278650781);
INSERT INTO "schema_migrations" VALUES(14,'0014_retractions','b2cea4b0ee8a9d0d1e50672eb0685ccd1ee78d1302e7daf36a200d3934563795',1795278650784);
CREATE TABLE server_limits (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
CREATE TABLE server_settings (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    data TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
INSERT INTO "server_settings" VALUES(700,'{"consent_required":false,"spoiler":"never","age_restricted":"allowed","brand_prefix":"Gr\u00fc\u00dfe aus K\u00f6ln \ud83c\udf4c","no_text_default":true,"unit":"credits","credit_micros":10000,"confirm_above_micros":null,"locale":null,"desk_channel":null,"report_threshold":3,"reports_an_hour":10,"reminder_hours":24,"moderator_roles":[],"strike_days":90,"strike_rules":[{"strikes":2,"consequence":"cap","value":5},{"strikes":3,"consequence":"cooldown","value":24},{"strikes":5,"consequence":"ban","value":30}],"participants":"everybody","strictness":null,"relax_age_restricted":false,"longest_prompt":null,"pause_after":5,"pause_minutes":30,"harassment":null,"hate_speech":null,"sexually_explicit":null,"dangerous_content":null,"people":null,"log_channel":null,"budget_micros":null,"fallback_model":null}',1,1790000000001,300);
CREATE TABLE servers (
    guild_id BIGINT NOT NULL PRIMARY KEY
);
CREATE TABLE spending_notes (
    guild_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL, -- about what: with the kind it makes the note the only one of its period
    at BIGINT NOT NULL,
    data TEXT NOT NULL, -- JSON: what its sentence says
    sent_at BIGINT,
    PRIMARY KEY (guild_id, kind, subject)
);
CREATE TABLE strikes (
    id TEXT NOT NULL PRIMARY KEY,
    guild_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    given_by BIGINT NOT NULL,
    reason TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    case_id TEXT REFERENCES cases (id),
    pardoned_at BIGINT,
    pardoned_by BIGINT,
    CHECK ((pardoned_at IS NULL) = (pardoned_by IS NULL))
);
INSERT INTO "strikes" VALUES('strike1',700,211000000000000001,1790000000001,301,'was warned',1797776000000,'casebb1',NULL,NULL);
CREATE TABLE turns (
    id TEXT NOT NULL PRIMARY KEY, -- that of its job, but a root that was made elsewhere has one of its own
    conversation_id TEXT NOT NULL REFERENCES conversations (id),
    number BIGINT NOT NULL CHECK (number > 0),
    job_id TEXT NOT NULL REFERENCES jobs (id),
    position BIGINT NOT NULL CHECK (position >= 0),
    author_id BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'started', 'done', 'failed')),
    created_at BIGINT NOT NULL,
    parent TEXT, -- a turn of the same conversation
    branches BIGINT NOT NULL CHECK (branches IN (0, 1)),
    prompt_id BIGINT, -- the message that asked for it
    said TEXT, -- JSON: the texts and pictures that were sent
    image_id TEXT, -- an image, which may be erased since: no foreign key
    family TEXT NOT NULL,
    moves BIGINT NOT NULL,
    alone BIGINT NOT NULL CHECK (alone IN (0, 1)),
    notes TEXT NOT NULL -- JSON
);
CREATE TABLE word_lists (
    guild_id BIGINT NOT NULL PRIMARY KEY,
    entries TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0), -- who changes it has to have seen this one
    updated_at BIGINT NOT NULL,
    updated_by BIGINT NOT NULL
);
INSERT INTO "word_lists" VALUES(700,'[["block","pine apple"],["block","Gr\u00fc\u00dfe \ud83c\udf4d"],["allow","pine apple king"]]',1,1790000000000,300);
CREATE INDEX jobs_with_token ON jobs (token_at) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX ledger_reservation ON ledger (job_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_close ON ledger (job_id) WHERE kind IN ('settle', 'release');
CREATE INDEX deliveries_pending ON deliveries (job_id) WHERE state = 'pending';
CREATE INDEX deliveries_kept ON deliveries (job_id) WHERE state = 'kept';
CREATE TRIGGER ledger_keeps_entries BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE UNIQUE INDEX characters_shared ON characters (guild_id, name_key) WHERE guild_id IS NOT NULL;
CREATE INDEX character_pictures_by_file ON character_pictures (sha256);
CREATE INDEX character_pictures_by_image ON character_pictures (image_id) WHERE image_id IS NOT NULL;
CREATE INDEX audit_of_server ON audit (guild_id, at, id);
CREATE INDEX audit_of_actor ON audit (actor_id, at, id);
CREATE TRIGGER audit_keeps_entries BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE INDEX images_of_owner ON images (owner_id, created_at, job_id, position) WHERE deleted_at IS NULL;
CREATE INDEX images_of_parent ON images (parent, created_at, id) WHERE parent IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX postings_of_image ON postings (image_id);
CREATE INDEX attempts_of_member ON attempts (guild_id, member_id, at);
CREATE INDEX attempts_of_server ON attempts (guild_id, at, id);
CREATE INDEX attempts_to_forget ON attempts (kept_until);
CREATE INDEX ledger_use ON ledger
    (member_id, charged_at, reserved_images, settled_images, reserved_micros, settled_micros);
CREATE UNIQUE INDEX grants_opened ON grants (grant_id) WHERE kind IN ('grant', 'carry');
CREATE UNIQUE INDEX grants_revoked ON grants (grant_id) WHERE kind = 'revoke';
CREATE UNIQUE INDEX grants_of_job ON grants (job_id, grant_id, kind) WHERE job_id IS NOT NULL;
CREATE INDEX grants_of_member ON grants (member_id, guild_id, expires_at);
CREATE INDEX grants_use ON grants (member_id, charged_at, images) WHERE job_id IS NOT NULL;
CREATE TRIGGER losses_keep_entries BEFORE DELETE ON losses
BEGIN
    SELECT RAISE(ABORT, 'losses is append-only');
END;
CREATE TRIGGER losses_keep_values BEFORE UPDATE ON losses
BEGIN
    SELECT RAISE(ABORT, 'losses is append-only');
END;
CREATE TRIGGER grants_keep_entries BEFORE DELETE ON grants
BEGIN
    SELECT RAISE(ABORT, 'grants is append-only');
END;
CREATE TRIGGER resets_keep_entries BEFORE DELETE ON resets
BEGIN
    SELECT RAISE(ABORT, 'resets is append-only');
END;
CREATE INDEX images_withheld ON images (sha256) WHERE withheld IS NOT NULL;
CREATE INDEX cases_in_queue ON cases (guild_id, state, gravity, opened_at);
CREATE INDEX cases_of_member ON cases (guild_id, member_id);
CREATE INDEX reports_of_reporter ON reports (reporter_id, at);
CREATE INDEX strikes_of_member ON strikes (member_id, guild_id, at);
CREATE UNIQUE INDEX bans_that_hold ON bans (member_id, guild_id) WHERE lifted_at IS NULL;
CREATE INDEX notes_of_member ON member_notes (guild_id, member_id, at);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX audit_chain ON audit (number) WHERE number IS NOT NULL;
CREATE INDEX jobs_of_member_by_start ON jobs (member_id, started_at, images, finished_at);
CREATE INDEX jobs_of_model_by_start ON jobs (model, started_at, images);
CREATE INDEX jobs_by_latency ON jobs (model, size, finished_at, started_at) WHERE state = 'succeeded';
CREATE INDEX jobs_of_server ON jobs (guild_id, created_at, state, failure_code, started_at, finished_at);
CREATE INDEX ledger_of_server ON ledger (guild_id, charged_at, member_id, settled_images, settled_micros, job_id)
    WHERE kind = 'settle';
CREATE INDEX spending_notes_unsent ON spending_notes (at) WHERE sent_at IS NULL;
CREATE INDEX jobs_in_conversation ON jobs (conversation, turn)
    WHERE conversation IS NOT NULL AND state IN ('created', 'running', 'storing');
CREATE UNIQUE INDEX conversations_open ON conversations (place_id) WHERE ended_at IS NULL;
CREATE INDEX conversations_of_place ON conversations (place_id, created_at);
CREATE INDEX turns_of_conversation ON turns (conversation_id, number);
CREATE INDEX turns_of_prompt ON turns (prompt_id) WHERE prompt_id IS NOT NULL;
CREATE INDEX turns_of_image ON turns (image_id, conversation_id) WHERE image_id IS NOT NULL;
CREATE INDEX deliveries_of_message ON deliveries (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX jobs_to_forget ON jobs (finished_at)
    WHERE forgotten_at IS NULL AND (state = 'failed' OR kind = 'describe');
CREATE INDEX images_by_owner ON images (owner_id, created_at);
CREATE INDEX images_by_age ON images (created_at) WHERE forgotten_at IS NULL;
CREATE INDEX images_by_end ON images (deleted_at) WHERE forgotten_at IS NULL AND deleted_at IS NOT NULL;
CREATE INDEX images_by_deleter ON images (deleted_by) WHERE deleted_by IS NOT NULL;
CREATE INDEX images_in_server ON images (guild_id) WHERE forgotten_at IS NULL;
CREATE INDEX job_events_by_age ON job_events (at);
CREATE INDEX ledger_by_age ON ledger (charged_at) WHERE member_id > 0;
CREATE INDEX audit_by_age ON audit (at) WHERE actor_id > 0;
CREATE INDEX erasures_of_member ON erasures (member_id);
CREATE INDEX attempts_of_person ON attempts (member_id, at);
CREATE INDEX cases_of_person ON cases (member_id);
CREATE INDEX notes_of_person ON member_notes (member_id);
CREATE INDEX audit_of_target ON audit (target);
CREATE INDEX turns_of_job ON turns (job_id);
CREATE INDEX turns_of_author ON turns (author_id);
CREATE INDEX conversations_of_owner ON conversations (owner_id);
CREATE TRIGGER ledger_keeps_values BEFORE UPDATE ON ledger
WHEN NOT (
    OLD.member_id > 0 AND NEW.member_id <= 0 AND NEW.job_id = OLD.job_id AND NEW.kind = OLD.kind
    AND NEW.guild_id IS OLD.guild_id AND NEW.charged_at = OLD.charged_at AND NEW.at = OLD.at
    AND NEW.reserved_images = OLD.reserved_images AND NEW.reserved_micros = OLD.reserved_micros
    AND NEW.settled_images = OLD.settled_images AND NEW.settled_micros = OLD.settled_micros
    AND NEW.stranger = OLD.stranger
)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
WHEN NOT (
    NEW.salt IS NULL AND (NEW.actor_id <= 0 OR NEW.actor_id = OLD.actor_id) AND NEW.number IS OLD.number
    AND NEW.seal IS OLD.seal AND NEW.hash IS OLD.hash AND NEW.id = OLD.id AND NEW.guild_id IS OLD.guild_id AND NEW.at = OLD.at
    AND NEW.action = OLD.action AND NEW.target IN (OLD.target, '') AND NEW.data IN (OLD.data, '{}')
)
BEGIN
    SELECT RAISE(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER grants_keep_values BEFORE UPDATE ON grants
WHEN NOT (
    (NEW.member_id < 0 OR COALESCE(NEW.actor_id, 0) < 0) AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
    AND (COALESCE(NEW.actor_id, 0) < 0 OR NEW.actor_id IS OLD.actor_id) AND NEW.grant_id = OLD.grant_id
    AND NEW.kind = OLD.kind AND NEW.guild_id = OLD.guild_id AND NEW.images = OLD.images AND NEW.at = OLD.at
    AND NEW.charged_at = OLD.charged_at AND NEW.expires_at = OLD.expires_at AND NEW.job_id IS OLD.job_id
    AND NEW.reason IN (OLD.reason, '')
)
BEGIN
    SELECT RAISE(ABORT, 'grants is append-only');
END;
CREATE TRIGGER resets_keep_values BEFORE UPDATE ON resets
WHEN NOT (
    (NEW.member_id < 0 OR COALESCE(NEW.actor_id, 0) < 0) AND (NEW.member_id < 0 OR NEW.member_id = OLD.member_id)
    AND (NEW.actor_id < 0 OR NEW.actor_id = OLD.actor_id) AND NEW.guild_id = OLD.guild_id
    AND NEW.at = OLD.at AND NEW.reason IN (OLD.reason, '')
)
BEGIN
    SELECT RAISE(ABORT, 'resets is append-only');
END;
CREATE INDEX jobs_by_state ON jobs (state, member_id, created_at, id);
CREATE INDEX jobs_forgotten_by_age ON jobs (created_at) WHERE forgotten_at IS NOT NULL AND member_id > 0;
CREATE INDEX images_forgotten_by_age ON images (created_at) WHERE forgotten_at IS NOT NULL AND owner_id > 0;
CREATE INDEX job_messages_of_job ON job_messages (job_id);
CREATE INDEX retractions_due ON retractions (at) WHERE due = 1;
CREATE INDEX retractions_by_age ON retractions (at) WHERE due = 0;
CREATE INDEX conversations_of_channel ON conversations (channel_id);
COMMIT;
