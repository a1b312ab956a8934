BEGIN TRANSACTION;
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	actor VARCHAR(200) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	subject VARCHAR(300) NOT NULL, 
	content VARCHAR(64) NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,'2026-03-31T20:00:00+08:00','sync','pull','main/account_manager','f904e54a1b3628da4db8068176d935f46259ad166f9c790748c1cfc60aae2fb3','0000000000000000000000000000000000000000000000000000000000000000','c427519f1ac0b9971c22706d99aff50c2afc29d6c69a849aa371098d3314f8f0');
INSERT INTO "audit" VALUES(2,'2026-03-31T20:00:00+08:00','sync','pull','main/budget','4ce4f72b46b1d0afbbc8d492440a69d48f8a7d53757c7cb3a8d802612be555c5','c427519f1ac0b9971c22706d99aff50c2afc29d6c69a849aa371098d3314f8f0','66eca5c1edf67860e69bd45a5c86dbdaadffef3111897e7c08f42e681434bfeb');
INSERT INTO "audit" VALUES(3,'2026-03-31T20:00:00+08:00','sync','pull','main/claim','8f5464d7b8806366a08d503089f2a8a494c30d32fa54226d0c7025507ea88809','66eca5c1edf67860e69bd45a5c86dbdaadffef3111897e7c08f42e681434bfeb','232870209269c59c096e6d4d25c48848b9b37c3509f08f2da143adf01ae3252e');
INSERT INTO "audit" VALUES(4,'2026-03-31T20:00:00+08:00','sync','pull','main/line','5454f14226e669e61bf28c16c607f5e91723d536f977f366265163ec62bdc3e9','232870209269c59c096e6d4d25c48848b9b37c3509f08f2da143adf01ae3252e','daab091a9b7fe5f517c873314c08bbd3200d71db96e355997a7d69c2c8ab7d27');
INSERT INTO "audit" VALUES(5,'2026-03-31T20:00:00+08:00','sync','policy','racing 1','f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1','daab091a9b7fe5f517c873314c08bbd3200d71db96e355997a7d69c2c8ab7d27','3e56ca035ffef98b22ae6967e941e0a4d0bc63248cae58ec0a0ee9d9ed83e379');
INSERT INTO "audit" VALUES(6,'2026-03-31T20:00:00+08:00','sync','decide','C-0','3450b315b130cd60d71202354fa92701950be2fce7fe046761a53858e759714b','3e56ca035ffef98b22ae6967e941e0a4d0bc63248cae58ec0a0ee9d9ed83e379','fe8ce160f2268f2520c17d53ac187a0380a6a214cb3b1c15839ff86dac344c21');
INSERT INTO "audit" VALUES(7,'2026-03-31T20:00:00+08:00','sync','decide','C-1','22dddb3fb8d16e0ab2f274434c63dd61817872e367064cf83cdd04554bc4652c','fe8ce160f2268f2520c17d53ac187a0380a6a214cb3b1c15839ff86dac344c21','0ff3d5633d3e929c51f9ba3ad5b531d4d7da4a489e3bdb3448a13a67f1d411a4');
INSERT INTO "audit" VALUES(8,'2026-03-31T20:00:00+08:00','sync','decide','C-2','94e728973dcd480832840fd784ad21c40d37c9b42ea37b44a2aa4ac086f3346e','0ff3d5633d3e929c51f9ba3ad5b531d4d7da4a489e3bdb3448a13a67f1d411a4','77bd4011634caadc58ab8022b97b8383b69136a91977988bd68b20a4f7b19d4c');
INSERT INTO "audit" VALUES(9,'2026-03-31T20:00:00+08:00','sync','decide','C-3','a9fb06bc4afae0f3de774f80cfb46756afd6fcf105c9248cdede4a3cdd1774c7','77bd4011634caadc58ab8022b97b8383b69136a91977988bd68b20a4f7b19d4c','957dd0d1a02c25a87337fd2950f5029d1ba44221d4c022363514343ea3960504');
INSERT INTO "audit" VALUES(10,'2026-03-31T20:00:00+08:00','sync','pull','main/claim','96bebabb9dedeac6d51e8cf4f8450d4fc8563701e3549b9eba6fdfc8192cb799','957dd0d1a02c25a87337fd2950f5029d1ba44221d4c022363514343ea3960504','3f7d7b4095563d157a1f764110a7d6e4e6033391874e930bd2c3f12bc738324b');
INSERT INTO "audit" VALUES(11,'2026-03-31T20:00:00+08:00','sync','pull','main/line','dfe5773f657369fa5c357a4612636afc8fc476ecc0285cc95f2a77a678562cf2','3f7d7b4095563d157a1f764110a7d6e4e6033391874e930bd2c3f12bc738324b','7774f6262f9e748e94262434da104b04989ec6b5cce17c91cc142967e6e4340e');
CREATE TABLE budget_entry (
	seq INTEGER NOT NULL, 
	crm VARCHAR(80) NOT NULL, 
	budget VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	amount BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	at VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_budget_entry PRIMARY KEY (seq)
);
INSERT INTO "budget_entry" VALUES(1,'main','B','allocate',6000,'CNY','','2026-03-31T20:00:00+08:00');
INSERT INTO "budget_entry" VALUES(2,'main','B','commit',1000,'CNY','C-0','2026-03-31T20:00:00+08:00');
INSERT INTO "budget_entry" VALUES(3,'main','B','commit',1500,'CNY','C-1','2026-03-31T20:00:00+08:00');
INSERT INTO "budget_entry" VALUES(4,'main','B','commit',2000,'CNY','C-2','2026-03-31T20:00:00+08:00');
CREATE TABLE budget_position (
	crm VARCHAR(80) NOT NULL, 
	budget VARCHAR(200) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	allocated BIGINT NOT NULL, 
	committed BIGINT NOT NULL, 
	spent BIGINT NOT NULL, 
	CONSTRAINT pk_budget_position PRIMARY KEY (crm, budget)
);
INSERT INTO "budget_position" VALUES('main','B','CNY',6000,4500,0);
CREATE TABLE carry (
	crm VARCHAR(80) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	line VARCHAR(200) NOT NULL, 
	window VARCHAR(600) NOT NULL, 
	amount BIGINT NOT NULL, 
	CONSTRAINT pk_carry PRIMARY KEY (crm, claim, line, window)
);
INSERT INTO "carry" VALUES('main','C-0','L-0','["meal.month","2026-03-01","P1"]',1000);
INSERT INTO "carry" VALUES('main','C-1','L-1','["meal.month","2026-03-01","P1"]',1500);
INSERT INTO "carry" VALUES('main','C-2','L-2','["meal.month","2026-03-01","P1"]',2000);
INSERT INTO "carry" VALUES('main','C-3','L-3','["meal.month","2026-03-01","P1"]',2500);
CREATE TABLE cursor (
	crm VARCHAR(80) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_cursor PRIMARY KEY (crm, kind)
);
INSERT INTO "cursor" VALUES('main','account_manager','next');
INSERT INTO "cursor" VALUES('main','budget','next');
INSERT INTO "cursor" VALUES('main','claim','next');
INSERT INTO "cursor" VALUES('main','line','3');
CREATE TABLE decision (
	seq INTEGER NOT NULL, 
	crm VARCHAR(80) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	person VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	claimed BIGINT NOT NULL, 
	allowed BIGINT NOT NULL, 
	submitted VARCHAR(40) NOT NULL, 
	decided_at VARCHAR(40) NOT NULL, 
	live BOOLEAN NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (seq)
);
INSERT INTO "decision" VALUES(1,'main','C-0','P1','3450b315b130cd60d71202354fa92701950be2fce7fe046761a53858e759714b','{"allowed":{"currency":"CNY","minor":1000},"carries":[{"amount":1000,"line":"L-0","rule":"meal.month","window":"[\"meal.month\",\"2026-03-01\",\"P1\"]"}],"claim":"C-0","claimed":{"currency":"CNY","minor":1000},"facts_digest":"a0783a8935ea11b7e7d8cc047810663c4b8920a34491b754925ce188f2649d0c","findings":[],"lines":[{"allowed":{"currency":"CNY","minor":1000},"claimed":{"currency":"CNY","minor":1000},"findings":[],"line":"L-0","outcome":"pass"}],"outcome":"pass","policy":{"digest":"f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1","id":"racing","language":1,"version":"1"}}','pass','approved','CNY',1000,1000,'2026-03-01T00:00:00+08:00','2026-03-31T20:00:00+08:00',1);
INSERT INTO "decision" VALUES(2,'main','C-1','P1','22dddb3fb8d16e0ab2f274434c63dd61817872e367064cf83cdd04554bc4652c','{"allowed":{"currency":"CNY","minor":1500},"carries":[{"amount":1500,"line":"L-1","rule":"meal.month","window":"[\"meal.month\",\"2026-03-01\",\"P1\"]"}],"claim":"C-1","claimed":{"currency":"CNY","minor":1500},"facts_digest":"f4013bc52169c32024c913daf34ec54e67e5b9e1ef72a69d1a2a2c05aab0a4c8","findings":[],"lines":[{"allowed":{"currency":"CNY","minor":1500},"claimed":{"currency":"CNY","minor":1500},"findings":[],"line":"L-1","outcome":"pass"}],"outcome":"pass","policy":{"digest":"f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1","id":"racing","language":1,"version":"1"}}','pass','approved','CNY',1500,1500,'2026-03-01T01:00:00+08:00','2026-03-31T20:00:00+08:00',1);
INSERT INTO "decision" VALUES(3,'main','C-2','P1','94e728973dcd480832840fd784ad21c40d37c9b42ea37b44a2aa4ac086f3346e','{"allowed":{"currency":"CNY","minor":2000},"carries":[{"amount":2000,"line":"L-2","rule":"meal.month","window":"[\"meal.month\",\"2026-03-01\",\"P1\"]"}],"claim":"C-2","claimed":{"currency":"CNY","minor":2000},"facts_digest":"59ebabc196393add8698c02d1924ee037048104cabab865ddd83ea549a8c8dcb","findings":[],"lines":[{"allowed":{"currency":"CNY","minor":2000},"claimed":{"currency":"CNY","minor":2000},"findings":[],"line":"L-2","outcome":"pass"}],"outcome":"pass","policy":{"digest":"f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1","id":"racing","language":1,"version":"1"}}','pass','approved','CNY',2000,2000,'2026-03-01T02:00:00+08:00','2026-03-31T20:00:00+08:00',1);
INSERT INTO "decision" VALUES(4,'main','C-3','P1','a9fb06bc4afae0f3de774f80cfb46756afd6fcf105c9248cdede4a3cdd1774c7','{"allowed":{"currency":"CNY","minor":2500},"carries":[{"amount":2500,"line":"L-3","rule":"meal.month","window":"[\"meal.month\",\"2026-03-01\",\"P1\"]"}],"claim":"C-3","claimed":{"currency":"CNY","minor":2500},"facts_digest":"e88d8f82790705679cb25ca00b4b1af150cb004202f8428f3b3d2f45d33f36af","findings":[{"code":"budget.exceeded","effect":"review","evidence":[["budget","B"],["available","15.00"],["needed","25.00"]]}],"lines":[{"allowed":{"currency":"CNY","minor":2500},"claimed":{"currency":"CNY","minor":2500},"findings":[],"line":"L-3","outcome":"pass"}],"outcome":"review","policy":{"digest":"f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1","id":"racing","language":1,"version":"1"}}','review','in_approval','CNY',2500,2500,'2026-03-01T03:00:00+08:00','2026-03-31T20:00:00+08:00',1);
CREATE TABLE latest (
	crm VARCHAR(80) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	seq INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	version VARCHAR(200) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	voucher VARCHAR(200) NOT NULL, 
	submitted VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_latest PRIMARY KEY (crm, kind, id), 
	CONSTRAINT fk_latest_seq_record FOREIGN KEY(seq) REFERENCES record (seq)
);
INSERT INTO "latest" VALUES('main','account_manager','P1',1,'a2c31d56bf44b7c1d8514a30a347b2004c963579eceefaa2ac813d67d64bacc8','','','','');
INSERT INTO "latest" VALUES('main','budget','B',2,'8c15833c03875cbd437361546d521c71f641b17f8d7fb21624c7dbd249fd3c64','','','','');
INSERT INTO "latest" VALUES('main','claim','C-2',5,'80775eda61eace46310b09671342de062ad4d8f4a273f47ea5164a66db534779','','C-2','','2026-02-28T18:00:00.000000+00:00');
INSERT INTO "latest" VALUES('main','claim','C-3',6,'0ca6413f35c2d528d54ffb53bcb3d12f82d038fa8181e049dfc5ccfdc10d8821','','C-3','','2026-02-28T19:00:00.000000+00:00');
INSERT INTO "latest" VALUES('main','line','L-0',7,'328568fd5af149333a7f2f7d93fe7d6fbfc39d7bc95aa167468d3b28cfb5b6a4','','C-0','V-0','');
INSERT INTO "latest" VALUES('main','line','L-1',8,'5431f236a14f45c0da312f8ca0555d5f9481e3767129901b15175b5c77c20578','','C-1','V-1','');
INSERT INTO "latest" VALUES('main','line','L-3',10,'822fcea34b8679a7dc49d915309975f3cefe57c60ac325c0bba5a15475a4c88f','','C-3','V-3','');
INSERT INTO "latest" VALUES('main','claim','C-0',11,'468d402bb92f1d39251ff14216cb6a75399bc27b40e85049f4e37c40e8c40ce3','','C-0','','2026-02-28T16:00:00.000000+00:00');
INSERT INTO "latest" VALUES('main','claim','C-1',12,'273d1f92d37af496749792d4e0fd904f35da4fdf51d4ca90d5594e5613f2e9e8','','C-1','','2026-02-28T17:00:00.000000+00:00');
INSERT INTO "latest" VALUES('main','claim','C-4',13,'b31904d407397337a9655afee81c27abcda7b5a27e801ab2c826d8f9d3372d6f','','C-4','','2026-02-28T20:00:00.000000+00:00');
INSERT INTO "latest" VALUES('main','line','L-2',14,'baecc5ac352e3c6e157d9e6855340a9306de757767a46b783f8a0ebc14ca5c88','','C-2','','');
INSERT INTO "latest" VALUES('main','line','L-4',15,'ca35b20ffd8b6fed5ea430d046f412a05ec315d81f9ce9ca0404c959b1e6dbfe','','C-4','','');
CREATE TABLE meta (
	name VARCHAR(60) NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_meta PRIMARY KEY (name)
);
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE outbox (
	seq INTEGER NOT NULL, 
	crm VARCHAR(80) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	record VARCHAR(200) NOT NULL, 
	content TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	reason TEXT NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (seq), 
	CONSTRAINT uq_outbox_crm UNIQUE (crm, "key")
);
INSERT INTO "outbox" VALUES(1,'main','9339477f5551ed29f02714b48c53eb3d907cb964476a5e8a5b69a41045d32754','claim_result','C-0','{"allowed":{"currency":"CNY","minor":1000},"claim":"C-0","claimed":{"currency":"CNY","minor":1000},"decision":"3450b315b130cd60d71202354fa92701950be2fce7fe046761a53858e759714b","findings_en":"","findings_zh":"","outcome":"pass","policy":"racing 1","state":"approved","waiting_for":""}','done','');
INSERT INTO "outbox" VALUES(2,'main','dd09424ce80d4e263008d49c2c115529d2b22e10336526a9c6778ed1ea93532a','line_result','L-0','{"allowed":{"currency":"CNY","minor":1000},"claim":"C-0","claimed":{"currency":"CNY","minor":1000},"findings_en":"","findings_zh":"","line":"L-0","outcome":"pass"}','done','');
INSERT INTO "outbox" VALUES(4,'main','82590cb9096303604cdb051c51e94f58f1f6f9c1316ad2d7debbb9ec3e4934d3','claim_result','C-1','{"allowed":{"currency":"CNY","minor":1500},"claim":"C-1","claimed":{"currency":"CNY","minor":1500},"decision":"22dddb3fb8d16e0ab2f274434c63dd61817872e367064cf83cdd04554bc4652c","findings_en":"","findings_zh":"","outcome":"pass","policy":"racing 1","state":"approved","waiting_for":""}','sending','');
INSERT INTO "outbox" VALUES(5,'main','c275414097a99e5ad29947e38668031e8adae58df924c6bc0e8277a89f6ddff7','line_result','L-1','{"allowed":{"currency":"CNY","minor":1500},"claim":"C-1","claimed":{"currency":"CNY","minor":1500},"findings_en":"","findings_zh":"","line":"L-1","outcome":"pass"}','waiting','');
INSERT INTO "outbox" VALUES(7,'main','268b6be4f363ce077ba806c6b7d5aa3a6cda9eaf27b0a17a8efb676ad8790bcc','claim_result','C-2','{"allowed":{"currency":"CNY","minor":2000},"claim":"C-2","claimed":{"currency":"CNY","minor":2000},"decision":"94e728973dcd480832840fd784ad21c40d37c9b42ea37b44a2aa4ac086f3346e","findings_en":"","findings_zh":"","outcome":"pass","policy":"racing 1","state":"approved","waiting_for":""}','waiting','');
INSERT INTO "outbox" VALUES(8,'main','c4b19cf69e14e3e514758eb73c275a15e6d187ae32c05407af351ea68d6096d8','line_result','L-2','{"allowed":{"currency":"CNY","minor":2000},"claim":"C-2","claimed":{"currency":"CNY","minor":2000},"findings_en":"","findings_zh":"","line":"L-2","outcome":"pass"}','waiting','');
INSERT INTO "outbox" VALUES(9,'main','604879ab3c7865d05c337df9605db2bd0eb6c9ef3bb3ee1a468767d1fea433c9','budget_result','B','{"allocated":{"currency":"CNY","minor":6000},"available":{"currency":"CNY","minor":1500},"budget":"B","committed":{"currency":"CNY","minor":4500},"spent":{"currency":"CNY","minor":0}}','waiting','');
INSERT INTO "outbox" VALUES(10,'main','67658c7fbd3b81425f2bc7de82cb74dfb4f236dbc39e12279961080794a8363e','claim_result','C-3','{"allowed":{"currency":"CNY","minor":2500},"claim":"C-3","claimed":{"currency":"CNY","minor":2500},"decision":"a9fb06bc4afae0f3de774f80cfb46756afd6fcf105c9248cdede4a3cdd1774c7","findings_en":"B: 15.00 is left, but 25.00 is needed; nothing was committed to it","findings_zh":"B：余额 15.00，需要 25.00，未占用该预算","outcome":"review","policy":"racing 1","state":"in_approval","waiting_for":"P2"}','waiting','');
INSERT INTO "outbox" VALUES(11,'main','3cf922bb85ef25424acfcfd43b376cf66326adb776a1c1a8617e19137be73327','line_result','L-3','{"allowed":{"currency":"CNY","minor":2500},"claim":"C-3","claimed":{"currency":"CNY","minor":2500},"findings_en":"","findings_zh":"","line":"L-3","outcome":"pass"}','waiting','');
CREATE TABLE policy (
	id VARCHAR(80) NOT NULL, 
	version VARCHAR(40) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	first_used_at VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_policy PRIMARY KEY (id, version)
);
INSERT INTO "policy" VALUES('racing','1','f66f54de21d6e22b866b5d060ee232dccddda9e3429e61fc8768de80d437fed1','2026-03-31T20:00:00+08:00');
CREATE TABLE record (
	seq INTEGER NOT NULL, 
	crm VARCHAR(80) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	origin TEXT NOT NULL, 
	received_at VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_record PRIMARY KEY (seq)
);
INSERT INTO "record" VALUES(1,'main','account_manager','P1','a2c31d56bf44b7c1d8514a30a347b2004c963579eceefaa2ac813d67d64bacc8','{"id":"P1","manager":"P2","name":"王芳","team":"East"}','{"crm":"main","place":"account_manager/P1","record":"P1"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(2,'main','budget','B','8c15833c03875cbd437361546d521c71f641b17f8d7fb21624c7dbd249fd3c64','{"amount":{"currency":"CNY","minor":6000},"end":"2026-12-31","hard":true,"id":"B","scope":"company","start":"2026-01-01"}','{"crm":"main","place":"budget/B","record":"B"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(3,'main','claim','C-0','f791b0b05c54ce069eb1dbfcb78cf377183758794d37348cabb9e6a6db7a6e85','{"id":"C-0","person":"P1","status":"submitted","submitted":"2026-03-01T00:00:00+08:00"}','{"crm":"main","place":"claim/C-0","record":"C-0"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(4,'main','claim','C-1','88556fde6644f653f3463a6be7585270cc2e8e5edd305e9cd2668d15bbaee580','{"id":"C-1","person":"P1","status":"submitted","submitted":"2026-03-01T01:00:00+08:00"}','{"crm":"main","place":"claim/C-1","record":"C-1"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(5,'main','claim','C-2','80775eda61eace46310b09671342de062ad4d8f4a273f47ea5164a66db534779','{"id":"C-2","person":"P1","status":"submitted","submitted":"2026-03-01T02:00:00+08:00"}','{"crm":"main","place":"claim/C-2","record":"C-2"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(6,'main','claim','C-3','0ca6413f35c2d528d54ffb53bcb3d12f82d038fa8181e049dfc5ccfdc10d8821','{"id":"C-3","person":"P1","status":"submitted","submitted":"2026-03-01T03:00:00+08:00"}','{"crm":"main","place":"claim/C-3","record":"C-3"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(7,'main','line','L-0','328568fd5af149333a7f2f7d93fe7d6fbfc39d7bc95aa167468d3b28cfb5b6a4','{"amount":{"currency":"CNY","minor":1000},"category":"meal","claim":"C-0","date":"2026-03-01","id":"L-0","voucher":"V-0"}','{"crm":"main","place":"line/L-0","record":"L-0"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(8,'main','line','L-1','5431f236a14f45c0da312f8ca0555d5f9481e3767129901b15175b5c77c20578','{"amount":{"currency":"CNY","minor":1500},"category":"meal","claim":"C-1","date":"2026-03-01","id":"L-1","voucher":"V-1"}','{"crm":"main","place":"line/L-1","record":"L-1"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(9,'main','line','L-2','c5a006fca58bb3dffd0a88a6739d403806f0e6052c53ec0e81dab7155ad954f2','{"amount":{"currency":"CNY","minor":2000},"category":"meal","claim":"C-2","date":"2026-03-01","id":"L-2","voucher":"V-2"}','{"crm":"main","place":"line/L-2","record":"L-2"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(10,'main','line','L-3','822fcea34b8679a7dc49d915309975f3cefe57c60ac325c0bba5a15475a4c88f','{"amount":{"currency":"CNY","minor":2500},"category":"meal","claim":"C-3","date":"2026-03-01","id":"L-3","voucher":"V-3"}','{"crm":"main","place":"line/L-3","record":"L-3"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(11,'main','claim','C-0','468d402bb92f1d39251ff14216cb6a75399bc27b40e85049f4e37c40e8c40ce3','{"id":"C-0","person":"P1","status":"paid","submitted":"2026-03-01T00:00:00+08:00"}','{"crm":"main","place":"claim/C-0","record":"C-0"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(12,'main','claim','C-1','273d1f92d37af496749792d4e0fd904f35da4fdf51d4ca90d5594e5613f2e9e8','{"id":"C-1","person":"P1","status":"withdrawn","submitted":"2026-03-01T01:00:00+08:00"}','{"crm":"main","place":"claim/C-1","record":"C-1"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(13,'main','claim','C-4','b31904d407397337a9655afee81c27abcda7b5a27e801ab2c826d8f9d3372d6f','{"id":"C-4","person":"P1","status":"submitted","submitted":"2026-03-01T04:00:00+08:00"}','{"crm":"main","place":"claim/C-4","record":"C-4"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(14,'main','line','L-2','baecc5ac352e3c6e157d9e6855340a9306de757767a46b783f8a0ebc14ca5c88','{"amount":{"currency":"CNY","minor":900},"category":"meal","claim":"C-2","date":"2026-03-01","id":"L-2"}','{"crm":"main","place":"line/L-2","record":"L-2"}','2026-03-31T20:00:00+08:00');
INSERT INTO "record" VALUES(15,'main','line','L-4','ca35b20ffd8b6fed5ea430d046f412a05ec315d81f9ce9ca0404c959b1e6dbfe','{"amount":{"currency":"CNY","minor":1000},"category":"meal","claim":"C-4","date":"2026-03-01","id":"L-4"}','{"crm":"main","place":"line/L-4","record":"L-4"}','2026-03-31T20:00:00+08:00');
CREATE TABLE route_step (
	crm VARCHAR(80) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	position INTEGER NOT NULL, 
	code VARCHAR(80) NOT NULL, 
	approver VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_route_step PRIMARY KEY (crm, claim, position)
);
INSERT INTO "route_step" VALUES('main','C-3',1,'review','P2');
CREATE TABLE set_aside (
	crm VARCHAR(80) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	id VARCHAR(200) NOT NULL, 
	place VARCHAR(400) NOT NULL, 
	problems TEXT NOT NULL, 
	received_at VARCHAR(40) NOT NULL, 
	CONSTRAINT pk_set_aside PRIMARY KEY (crm, kind, place, id)
);
INSERT INTO "set_aside" VALUES('main','line','x','lines.csv:9','[{"code": "record.amount", "values": {"value": "1,234.5x"}}]','2026-03-31T20:00:00+08:00');
CREATE TABLE todo (
	crm VARCHAR(80) NOT NULL, 
	claim VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_todo PRIMARY KEY (crm, claim)
);
INSERT INTO "todo" VALUES('main','C-0');
INSERT INTO "todo" VALUES('main','C-1');
INSERT INTO "todo" VALUES('main','C-2');
INSERT INTO "todo" VALUES('main','C-4');
CREATE INDEX ix_record_of ON record (crm, kind, id);
CREATE INDEX ix_decision_claim ON decision (crm, claim);
CREATE INDEX ix_carry_window ON carry (crm, window);
CREATE INDEX ix_budget_entry_budget ON budget_entry (crm, budget);
CREATE INDEX ix_budget_entry_claim ON budget_entry (crm, claim);
CREATE INDEX ix_outbox_state ON outbox (crm, state, seq);
CREATE INDEX ix_outbox_record ON outbox (crm, record);
CREATE INDEX ix_latest_voucher ON latest (crm, kind, voucher);
CREATE INDEX ix_latest_claim ON latest (crm, kind, claim);
COMMIT;
