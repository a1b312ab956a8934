"""What the commands for Zoho CRM say."""

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # WIRE: signing in
    "command.crm_sign_in": (
        "Exchange a grant token of Zoho's API console for the refresh token that is kept; writes no file.",
        "用 Zoho API 控制台的授权令牌换取需保存的刷新令牌；不写入文件。",
    ),
    "option.sign_in_crm": (
        "the connection in the settings",
        "设置中的连接",
    ),
    "signin.not_needed": (
        "the connection {crm} uses the adapter {adapter}, which needs no signing in: its credentials "
        "stand where the settings say",
        "连接 {crm} 使用适配器 {adapter}，不需要登录：凭据按设置所写的位置读取",
    ),
    "signin.how": (
        "{crm}: open Zoho's API console in the data centre of the organisation, choose the self "
        "client, generate a code with the scopes of the how-to, and paste it here. It is used once, "
        "and soon over",
        "{crm}：请在组织所在数据中心打开 Zoho API 控制台，选择 Self Client，按操作指南的 scope 生成代码并粘贴到此处。"
        "该代码只能用一次，且很快失效",
    ),
    "signin.ask": (
        "grant token (not shown):",
        "授权令牌（不显示）：",
    ),
    "signin.keep_variable": (
        "This is the refresh token of {crm}, shown this once and written nowhere. Put it into your "
        "secret manager, and from there into the environment variable {variable}. Who has it and the "
        "client secret acts as the user who made it; it lasts until it is revoked in Zoho",
        "这是 {crm} 的刷新令牌，只显示这一次，未写入任何位置。请存入密钥管理系统，并由其写入环境变量 {variable}。"
        "持有它和客户端密钥者即可以其创建者的身份操作；在 Zoho 中吊销之前一直有效",
    ),
    "signin.keep_file": (
        "This is the refresh token of {crm}, shown this once and written nowhere. Put it into the file "
        "{path}, which nobody else may read, or better into a secret manager that provides that file. "
        "Who has it and the client secret acts as the user who made it; it lasts until it is revoked "
        "in Zoho",
        "这是 {crm} 的刷新令牌，只显示这一次，未写入任何位置。请放入文件 {path}（其他人不得读取），"
        "最好由密钥管理系统提供该文件。持有它和客户端密钥者即可以其创建者的身份操作；在 Zoho 中吊销之前一直有效",
    ),
    "signin.keep_somewhere": (
        "This is the refresh token of {crm}, shown this once and written nowhere. Put it into your "
        "secret manager, and say in [crm.{crm}] where it is: refresh_token_variable names an "
        "environment variable, refresh_token_file a file. Who has it and the client secret acts as "
        "the user who made it; it lasts until it is revoked in Zoho",
        "这是 {crm} 的刷新令牌，只显示这一次，未写入任何位置。请存入密钥管理系统，并在 [crm.{crm}] 中写明位置："
        "refresh_token_variable 为环境变量名，refresh_token_file 为文件。持有它和客户端密钥者即可以其创建者的身份操作；"
        "在 Zoho 中吊销之前一直有效",
    ),
    # end of WIRE
}
