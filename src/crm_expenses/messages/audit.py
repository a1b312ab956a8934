"""What `crm-expenses audit` says."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "command.audit": (
        "Read and check the log; make checkpoints and bundles for an auditor; erase a person's words.",
        "查看与核对日志；生成检查点与审计包；抹除某人的文字。",
    ),
    "command.audit_log": (
        "Show who did what, when and why, from the first entry to the last.",
        "逐条显示何人何时何事何故。",
    ),
    "command.audit_verify": (
        "Check the log, all that is kept and every decision; or a bundle, with no store.",
        "核对日志、所存数据与每个审核结论；或核对一个审计包，无需存储。",
    ),
    "command.audit_checkpoint": (
        "Make a checkpoint of the log, signed if the settings name a key, for somebody else to keep.",
        "为日志生成检查点，设置了密钥则签名，交由他人保存。",
    ),
    "command.audit_bundle": (
        "Write what an outside auditor needs for some claims into a folder, and nobody else's lines.",
        "把外部审计师核对某些报销单所需的内容写入文件夹，不含他人的明细。",
    ),
    "command.audit_erase": (
        "Erase a person's own words; amounts, decisions and the log stay as they are.",
        "抹除某人写的文字；金额、结论与日志不变。",
    ),
    "option.audit_bundle": (
        "The folder of a bundle; without it, the store of the settings is checked.",
        "审计包文件夹；省略则核对设置中的存储。",
    ),
    "option.audit_checkpoint": (
        "A checkpoint that was kept outside, to compare with; may be given several times.",
        "在外部保存的检查点，用于比对；可给出多个。",
    ),
    "option.audit_key": (
        "The public key (PEM) that signatures must be by.",
        "签名须使用的公钥（PEM）。",
    ),
    "option.audit_quick": (
        "Only the log and its checkpoints: neither what is kept nor the decisions.",
        "只核对日志与检查点，不核对所存数据与结论。",
    ),
    "option.audit_subject": (
        "Only entries about this claim, person or thing.",
        "只显示关于此报销单、人员或事项的记录。",
    ),
    "option.audit_action": (
        "Only entries of this action, like decide or erase.",
        "只显示此类操作的记录，例如 decide 或 erase。",
    ),
    "option.audit_last": ("Only the last so many.", "只显示最后若干条。"),
    "option.audit_out": (
        "Where to write the checkpoint; without it, it is printed.",
        "检查点写入何处；省略则直接打印。",
    ),
    "option.audit_folder": ("The new folder for the bundle.", "存放审计包的新文件夹。"),
    "option.audit_claims": (
        "Ids of claims, with commas between them.",
        "报销单编号，以逗号分隔。",
    ),
    "option.audit_sample": (
        "Draw so many of all decided claims.",
        "从全部已审核的报销单中抽取若干张。",
    ),
    "option.audit_seed": (
        "The same number draws the same claims.",
        "相同的数字抽到相同的报销单。",
    ),
    "option.audit_person": (
        "The id of the person whose words are erased.",
        "抹除何人的文字（编号）。",
    ),
    "option.audit_reason": (
        "Why, in your own words; they are kept beside the log and can be erased, too.",
        "原因；保存在日志之外，同样可以抹除。",
    ),
    "option.audit_by": (
        "Who does it, as the log shall say.",
        "由谁执行，写入日志。",
    ),
    "audit.number": ("entry", "序号"),
    "audit.at": ("when", "时间"),
    "audit.actor": ("who", "何人"),
    "audit.action": ("what", "操作"),
    "audit.subject": ("of what", "对象"),
    "audit.why": ("why", "原因"),
    "audit.erased_words": ("(erased)", "（已抹除）"),
    "audit.why_first_use": ("first use", "首次使用"),
    "audit.log_holds": (
        "The log holds: {entries} entries, each tied to the one before, and {checkpoints} checkpoints agree.",
        "日志完好：{entries} 条记录逐条相连，{checkpoints} 个检查点相符。",
    ),
    "audit.log_beyond": (
        "{count} entries came after the last checkpoint; whoever owns the store could rewrite those unseen.",
        "最后一个检查点之后有 {count} 条记录；存储的所有者可以不留痕迹地改写它们。",
    ),
    "audit.log_breaks": ("The log does not hold: {detail}", "日志有误：{detail}"),
    "audit.fault_missing": (
        "entry {entry} is not in its place: it was taken out, moved or put in twice.",
        "第 {entry} 条记录不在其位：被删除、移动或重复。",
    ),
    "audit.fault_changed": (
        "entry {entry} was changed, or cannot be read: its bytes are not those that its digest was made of.",
        "第 {entry} 条记录被改动或无法读取：其字节与摘要不符。",
    ),
    "audit.fault_cut": (
        "entry {entry} does not follow the one before it: one of the two was replaced.",
        "第 {entry} 条记录与前一条不相连：两者之一被替换。",
    ),
    "audit.fault_rewritten": (
        "entries {entry} to {size} are not those of the checkpoint at {size}: one of them was rewritten, with all after it.",
        "第 {entry} 至 {size} 条记录与 {size} 处的检查点不符：其中某条及其后各条被改写。",
    ),
    "audit.fault_short": (
        "entry {entry} is missing: something is kept, or a checkpoint was made, that came after the log ends.",
        "缺少第 {entry} 条记录：日志结束之后还有数据或检查点。",
    ),
    "audit.fault_checkpoint": (
        "the checkpoint at entry {size} is not the one that the log names.",
        "第 {size} 条记录处的检查点不是日志所记的那一个。",
    ),
    "audit.fault_content": (
        "what is kept is not what entry {entry} was made of: a fact, decision, budget entry, text or policy was changed.",
        "所存数据与第 {entry} 条记录不符：事实、结论、预算变动、文字或政策被改动。",
    ),
    "audit.contents": (
        "What is kept fits the log: {records} facts, {decisions} decisions, {moves} budget entries, {texts} texts, {words} approvals and substitutions.",
        "所存数据与日志相符：{records} 条事实、{decisions} 个结论、{moves} 笔预算变动、{texts} 处文字、{words} 项审批与代理。",
    ),
    "audit.erased": (
        "{count} texts are erased: the log holds no more of them than a commitment that nothing can be compared with.",
        "{count} 处文字已抹除：日志中只剩无从比对的承诺值。",
    ),
    "audit.older": (
        "{count} rows are from before the log said which rows a page brought; they are not compared.",
        "{count} 行来自日志尚未记录行号的旧版本，未作比对。",
    ),
    "audit.derived": (
        "{count} decisions derive again from their facts and policies, byte for byte.",
        "{count} 个结论由其事实与政策重新推导，逐字节相同。",
    ),
    "audit.derived_erased": (
        "{count} decisions cannot be derived again: words that a plug-in could read are erased.",
        "{count} 个结论无法重新推导：插件可读的文字已抹除。",
    ),
    "audit.derived_no_facts": (
        "{count} decisions cannot be derived again: an older version made them and kept no facts.",
        "{count} 个结论无法重新推导：由未保存事实的旧版本作出。",
    ),
    "audit.derived_plug_ins": (
        "{count} decisions cannot be derived again here: plug-ins ran with their policies.",
        "{count} 个结论无法在此重新推导：其政策带有插件。",
    ),
    "audit.signed": (
        "{count} checkpoints are signed by the key {key}.",
        "{count} 个检查点由密钥 {key} 签名。",
    ),
    "audit.not_compared": (
        "That key was not compared with one that you trust: --key FILE.",
        "该密钥未与您信任的密钥比对：--key FILE。",
    ),
    "audit.outside": (
        "{count} checkpoints that were kept outside agree.",
        "{count} 个外部保存的检查点相符。",
    ),
    "audit.bundle_good": (
        "The bundle holds: {entries} entries lead to the checkpoint at {size}, {checkpoints} checkpoints agree.",
        "审计包完好：{entries} 条记录可推导到 {size} 处的检查点，{checkpoints} 个检查点相符。",
    ),
    "audit.bundle_bad": ("The bundle does not hold: {count} problems.", "审计包有误：{count} 处。"),
    "audit.checkpoint_made": (
        "Checkpoint of {size} entries: {root}",
        "{size} 条记录的检查点：{root}",
    ),
    "audit.checkpoint_at": ("Written: {path}", "已写入：{path}"),
    "audit.checkpoint_next": (
        "Have somebody else keep it; crm-expenses audit verify --checkpoint FILE compares with it.",
        "请交由他人保存；以后用 crm-expenses audit verify --checkpoint FILE 比对。",
    ),
    "audit.bundle_at": (
        "{path}: {claims} of {population} claims, {decisions} decisions, {entries} entries of the log.",
        "{path}：{population} 张报销单中的 {claims} 张，{decisions} 个结论，{entries} 条日志记录。",
    ),
    "audit.bundle_next": (
        "The auditor checks it with: crm-expenses audit verify {path}",
        "审计师的核对命令：crm-expenses audit verify {path}",
    ),
    "audit.erase_done": (
        "Erased: {records} versions of claims and lines, {reasons} reasons, the facts of {facts} decisions. Entry {entry} of the log says so.",
        "已抹除：报销单与明细的 {records} 个版本、{reasons} 处原因、{facts} 个结论的事实。日志第 {entry} 条记录了此事。",
    ),
    "audit.erase_crm": (
        "The CRM keeps its own copy: have it erased there, too. What comes from it again is not kept.",
        "CRM 中仍有副本，请在那里一并抹除。再次读到的文字不会保存。",
    ),
    "audit.erase_kept": (
        "These decisions quote the words, because a plug-in put them there, and cannot be changed: {claims}",
        "以下结论引用了这些文字（由插件写入），无法改动：{claims}",
    ),
    "bundle.read_me": (
        "This folder holds what an outside auditor needs to check some decisions on expense claims.\n"
        "Install the Python package crm-expenses with its command line (extra cli) and run:\n\n"
        "    crm-expenses audit verify FOLDER\n\n"
        "No store, no CRM and no network is needed. Compare with a checkpoint that you were given\n"
        "earlier: --checkpoint FILE; and with a key that you trust: --key FILE (extra sign).\n\n"
        "decisions.jsonl    each decision with the facts that it was made on\n"
        "said.jsonl         what people said of the claims, and what voided it\n"
        "policies/          the text of each policy version that decided\n"
        "entries.jsonl      the log's entries on these claims, each with its proof\n"
        "checkpoints.json   the log's checkpoints, each with the proof that the last one goes on from it\n"
        "manifest.json      what was asked for, and the SHA-256 of each file",
        "本文件夹包含外部审计师核对若干报销单审核结论所需的内容。\n"
        "请安装 Python 包 crm-expenses 及其命令行（附加项 cli），然后运行：\n\n"
        "    crm-expenses audit verify 文件夹\n\n"
        "无需存储、CRM 与网络。可与此前收到的检查点比对：--checkpoint 文件；\n"
        "并与您信任的密钥比对：--key 文件（附加项 sign）。\n\n"
        "decisions.jsonl    每个结论及其所依据的事实\n"
        "said.jsonl         对报销单的审批意见及使其失效的变更\n"
        "policies/          作出结论的各版政策文本\n"
        "entries.jsonl      日志中关于这些报销单的记录及其证明\n"
        "checkpoints.json   日志的检查点，及最后一个承接前者的证明\n"
        "manifest.json      打包要求，以及各文件的 SHA-256",
    ),
}
