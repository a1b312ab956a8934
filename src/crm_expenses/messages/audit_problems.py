"""What can be wrong when the log is read, signed, bundled or erased from."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "store.not_cleaned": (
        "the words are erased, but another process has {path} open, so remains of them may still "
        "stand in its free pages. Stop the other process and run the same command again",
        "文字已抹除，但另有进程正在使用 {path}，其空闲页中可能仍有残留。请停止该进程后再次运行同一命令",
    ),
    "audit.empty": (
        "the log of {path} has no entries yet. Run crm-expenses sync first",
        "{path} 的日志还没有记录。请先运行 crm-expenses sync",
    ),
    "audit.checkpoint_file": (
        "{path} is no checkpoint: {detail}. Give a file that crm-expenses audit checkpoint --out wrote",
        "{path} 不是检查点：{detail}。请给出由 crm-expenses audit checkpoint --out 写出的文件",
    ),
    "audit.place": (
        "{path} cannot be written: {detail}. Name another place",
        "无法写入 {path}：{detail}。请换一个位置",
    ),
    "audit.not_empty": (
        "the folder {path} is not empty, and nothing in it is overwritten. Name a new folder: --out FOLDER",
        "文件夹 {path} 不是空的，其中内容不会被覆盖。请指定一个新文件夹：--out FOLDER",
    ),
    "audit.no_claim": (
        "{crm} has no decided claim {claim}. Give the ids of claims that were decided, as "
        "crm-expenses audit log shows them",
        "{crm} 中没有已审核的报销单 {claim}。请给出已审核的报销单编号，crm-expenses audit log 中可见",
    ),
    "audit.which": (
        "say which claims to bundle: --claims C-1,C-2, or --sample NUMBER with --seed NUMBER",
        "请说明要打包哪些报销单：--claims C-1,C-2，或 --sample 数量 加 --seed 数字",
    ),
    "audit.sample": (
        "--sample is {value}, but 1 to {limit} claims can be drawn: that many were decided",
        "--sample 为 {value}，但只能抽取 1 至 {limit} 张报销单：已审核的就这么多",
    ),
    "audit.key": (
        "{path} is no Ed25519 key in PEM form: {detail}. Make one: openssl genpkey -algorithm ed25519",
        "{path} 不是 PEM 格式的 Ed25519 密钥：{detail}。可这样生成：openssl genpkey -algorithm ed25519",
    ),
    "audit.no_variable": (
        "the settings say that the key for signing is in the environment variable {name}, which is "
        "not set. Set it, or name a file: key_file in [audit]",
        "设置中说明签名密钥在环境变量 {name} 中，但该变量未设置。请设置它，或在 [audit] 中用 key_file 指定文件",
    ),
    "audit.no_bundle": (
        "{path} is no bundle: {detail}. Give a folder that crm-expenses audit bundle wrote",
        "{path} 不是审计包：{detail}。请给出由 crm-expenses audit bundle 写出的文件夹",
    ),
    "audit.person": (
        "say whose words are to be erased: --person ID, and why: --reason TEXT",
        "请说明抹除谁的文字：--person 编号，以及原因：--reason 文字",
    ),
    "bundle.missing": (
        "{file} is listed in the manifest and is not there. Ask for the whole bundle again",
        "清单中列有 {file}，但文件不在。请重新索取完整的审计包",
    ),
    "bundle.extra": (
        "{file} is there and not listed in the manifest. Take it out, or ask where it came from",
        "{file} 不在清单中。请将其移走，或查明来源",
    ),
    "bundle.changed": (
        "{file} is not as it was when the bundle was made. Ask for the bundle again",
        "{file} 与打包时不同。请重新索取审计包",
    ),
    "bundle.head": (
        "no checkpoint can be read, so nothing can be compared with the log",
        "没有可读取的检查点，无法与日志比对",
    ),
    "bundle.mark": (
        "the checkpoint at {size} entries is not the beginning of the last one: the log was rewritten, or the bundle",
        "第 {size} 条记录处的检查点不是最后一个检查点的开头：日志或审计包被改写过",
    ),
    "bundle.outside": (
        "the checkpoint that you kept, at {size} entries, is another one: the log was rewritten since then",
        "您保存的检查点（{size} 条记录）与此不同：此后日志被改写过",
    ),
    "bundle.unknown": (
        "the bundle has no checkpoint at {size} entries to compare with yours. Ask for a bundle with it",
        "审计包中没有 {size} 条记录处的检查点可与您的相比。请索取含有该检查点的审计包",
    ),
    "bundle.signature": (
        "the signature of the checkpoint at {size} entries does not hold",
        "{size} 条记录处检查点的签名无效",
    ),
    "bundle.strange": (
        "the checkpoint at {size} entries is signed by another key than yours",
        "{size} 条记录处的检查点由另一把密钥签名",
    ),
    "bundle.entry": (
        "{file}:{line}: the entry does not lead to the checkpoint: it is not one of the log",
        "{file}:{line}：该记录无法推导到检查点：它不属于此日志",
    ),
    "bundle.line": (
        "{file}:{line} cannot be read",
        "无法读取 {file}:{line}",
    ),
    "bundle.no_decision": (
        "entry {entry} is of a decision that is not in the bundle",
        "第 {entry} 条记录所指的审核结论不在审计包中",
    ),
    "bundle.said": (
        "an approval, or what voided one, is not what entry {entry} of the log was made of, or is missing",
        "审批意见或其失效记录与日志第 {entry} 条记录不符，或缺失",
    ),
    "bundle.decision": (
        "claim {claim}: the decision is not the one that entry {entry} of the log was made of",
        "报销单 {claim}：结论与日志第 {entry} 条记录不符",
    ),
    "bundle.policy": (
        "policy {policy} version {version} is not the one that the log names",
        "政策 {policy} 版本 {version} 与日志所记不符",
    ),
    "bundle.derived_differs": (
        "claim {claim}: facts and policy give another decision than the one that is kept",
        "报销单 {claim}：由事实与政策推导出的结论与保存的不同",
    ),
    "bundle.derived_facts": (
        "claim {claim}: the facts are not those that were decided on",
        "报销单 {claim}：事实与审核时的不同",
    ),
    "bundle.derived_policy": (
        "claim {claim}: the policy's text is not there, or is not the one that decided",
        "报销单 {claim}：政策文本缺失，或不是当时审核所用的",
    ),
    "bundle.derived_plug_ins": (
        "claim {claim}: plug-ins ran with its policy; they are not in the bundle, so it cannot be derived again here",
        "报销单 {claim}：其政策带有插件，插件不在审计包中，无法在此重新推导",
    ),
}
