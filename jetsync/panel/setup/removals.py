"""Confirm pages before something of the settings is taken away: members, invitations, tokens, nodes, locations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from jetsync.actions import merchant as merchant_actions
from jetsync.actions import places
from jetsync.models import ApiToken, FulfillmentNode, Invitation, Membership, ReturnLocation
from jetsync.panel.confirm import ConfirmPage
from jetsync.panel.messages import say
from jetsync.panel.setup.lookups import (
    get_invitation,
    get_membership,
    get_node,
    get_return_location,
    get_token,
)
from jetsync.tenancy.rights import Right


class Removal(ConfirmPage):
    danger = True
    confirm_label = "Remove"
    back_name = ""

    def get_cancel_url(self, target: Any) -> str:  # noqa: ARG002 -- hook
        return self.page(self.back_name)

    def page(self, name: str, **kwargs: object) -> str:
        return reverse(f"panel:{name}", kwargs={"merchant_slug": self.request.merchant.slug, **kwargs})


class RemoveMember(Removal):
    right = write_right = Right.MEMBERS_MANAGE
    noun = ("member", "members")
    back_name = "members"

    def get_target(self, **kwargs: Any) -> Membership:
        return get_membership(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Membership) -> str:
        return f"Remove {target.user} from {self.request.merchant.name}"

    def get_names(self, target: Membership) -> Sequence[str]:
        return (f"{target.user}, {target.get_role_display()}",)

    def get_consequences(self, target: Membership) -> Sequence[str]:
        who = "You" if self._is_self(target) else str(target.user)
        return [
            f"{who} can no longer open this store.",
            "API tokens that this person made stop working.",
            "What the person did stays in the log.",
        ]

    def _is_self(self, target: Membership) -> bool:
        return target.user_id == self.request.user.pk

    def perform(self, target: Membership, form: Any) -> str:  # noqa: ARG002 -- no form
        is_self = self._is_self(target)
        merchant_actions.remove_member(target, actor=self.request.actor)
        say(self.request, "success", f"{target.user} was removed.")
        return "/" if is_self else self.page("members")


class WithdrawInvitation(Removal):
    right = write_right = Right.MEMBERS_MANAGE
    noun = ("invitation", "invitations")
    confirm_label = "Withdraw"
    back_name = "members"

    def get_target(self, **kwargs: Any) -> Invitation:
        return get_invitation(self.request.merchant, kwargs["pk"])

    def get_title(self, target: Invitation) -> str:
        return f"Withdraw the invitation of {target.email}"

    def get_names(self, target: Invitation) -> Sequence[str]:
        return (f"{target.email}, {target.get_role_display()}",)

    def get_consequences(self, target: Invitation) -> Sequence[str]:  # noqa: ARG002 -- hook
        return ["The link in the mail stops working."]

    def perform(self, target: Invitation, form: Any) -> str:  # noqa: ARG002 -- no form
        merchant_actions.revoke_invitation(target, actor=self.request.actor)
        say(self.request, "success", f"The invitation of {target.email} was withdrawn.")
        return self.page("members")


class RevokeToken(Removal):
    right = write_right = Right.TOKENS_MANAGE
    noun = ("API token", "API tokens")
    confirm_label = "Revoke"
    back_name = "tokens"

    def get_target(self, **kwargs: Any) -> ApiToken:
        return get_token(self.request.merchant, kwargs["pk"])

    def get_title(self, target: ApiToken) -> str:
        return f"Revoke the token “{target.name}”"

    def get_names(self, target: ApiToken) -> Sequence[str]:
        return (f"{target.name}, begins with {target.prefix}",)

    def get_consequences(self, target: ApiToken) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "The program that uses it gets 401 from now on.",
            "It cannot be brought back; make a new one.",
        ]

    def perform(self, target: ApiToken, form: Any) -> str:  # noqa: ARG002 -- no form
        merchant_actions.revoke_token(target, actor=self.request.actor)
        say(self.request, "success", f"The token “{target.name}” was revoked.")
        return self.page("tokens")


class RemoveNode(Removal):
    right = write_right = Right.SETTINGS_EDIT
    noun = ("fulfilment node", "fulfilment nodes")

    def get_target(self, **kwargs: Any) -> FulfillmentNode:
        return get_node(self.request.merchant, kwargs["pk"])

    def get_title(self, target: FulfillmentNode) -> str:
        return f"Remove the node {target.name}"

    def get_names(self, target: FulfillmentNode) -> Sequence[str]:
        return (f"{target.name}, {target.node_id}",)

    def get_consequences(self, target: FulfillmentNode) -> Sequence[str]:
        others = FulfillmentNode.objects.filter(merchant=self.request.merchant, account=target.account_id)
        found = [
            "Prices, quantities and exceptions of this node are forgotten here.",
            "Jet keeps what it has of the node; close it in the partner portal.",
        ]
        if not others.exclude(pk=target.pk).exists():
            found.append("It is the only node: nothing can be sent until there is another one.")
        return found

    def get_cancel_url(self, target: FulfillmentNode) -> str:
        return self.page("account-mode", mode=target.account.mode)

    def perform(self, target: FulfillmentNode, form: Any) -> str:  # noqa: ARG002 -- no form
        places.remove_node(target, actor=self.request.actor)
        say(self.request, "success", f"{target.name} was removed.")
        return self.get_cancel_url(target)


class RemoveReturnLocation(Removal):
    right = write_right = Right.SETTINGS_EDIT
    noun = ("return location", "return locations")
    back_name = "return-locations"

    def get_target(self, **kwargs: Any) -> ReturnLocation:
        return get_return_location(self.request.merchant, kwargs["pk"])

    def get_title(self, target: ReturnLocation) -> str:
        return f"Remove the return location {target.return_id}"

    def get_consequences(self, target: ReturnLocation) -> Sequence[str]:  # noqa: ARG002 -- hook
        return [
            "Shipments and return exceptions no longer name it.",
            "A return exception that names no other location ends, here and at Jet.",
        ]

    def perform(self, target: ReturnLocation, form: Any) -> str:  # noqa: ARG002 -- no form
        places.remove_return_location(target, actor=self.request.actor)
        say(self.request, "success", f"{target} was removed.")
        return self.page("return-locations")
